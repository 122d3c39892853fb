// The rules of the design: what may import what, how large a folder may be, and what stays out of decisions. Files that break a rule are named.
import { dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ALLOWED, FILES, placeOf, type Place } from './architecture/arrows.ts'
import { circlesIn, codeOf, filesIn, importsOf, isRelative, targetOf, textOf } from './architecture/sources.ts'

function mistakes(file: string): string[] {
  const place = placeOf(file)
  const { places, types = [], packages } = ALLOWED[place]
  return importsOf(textOf(file)).flatMap((one) => {
    if (/\.(?:css|json)$/.test(one.name)) return []
    if (isRelative(one)) {
      const other = placeOf(targetOf(file, one))
      return places.includes(other) || (one.typeOnly && types.includes(other))
        ? []
        : [`${file} (${place}) imports ${one.name} (${other})`]
    }
    const isKnown = packages.some((allowed) =>
      /[/:]$/.test(allowed) ? one.name.startsWith(allowed) : one.name === allowed,
    )
    return isKnown ? [] : [`${file} (${place}) imports ${one.name}`]
  })
}

const isIn =
  (...places: Place[]) =>
  (file: string): boolean =>
    places.includes(placeOf(file))

/** Each file with the first match in it. */
const found = (files: readonly string[], pattern: RegExp): string[] =>
  files.flatMap((file) => {
    const bad = pattern.exec(codeOf(file))?.[0]
    return bad === undefined ? [] : [`${file}: ${bad}`]
  })

describe('imports', () => {
  test('are found at all', () => {
    const source =
      "import { a } from './a.ts'\nimport type {\n  B,\n} from 'b'\nexport * from './c.ts'\nconst d = await import('d')\nimport { type E, f } from './e.ts'"
    expect(importsOf(source)).toEqual([
      { name: './a.ts', typeOnly: false },
      { name: 'b', typeOnly: true },
      { name: './c.ts', typeOnly: false },
      { name: 'd', typeOnly: false },
      { name: './e.ts', typeOnly: false },
    ])
    expect(FILES.length).toBeGreaterThan(50)
  })

  test('run one way', () => {
    expect(FILES.flatMap(mistakes)).toEqual([])
  })

  test('make no circle of values', () => {
    const values = [...FILES, ...filesIn('test')].map((file): [string, string[]] => [
      file,
      importsOf(textOf(file))
        .filter((one) => isRelative(one) && !one.typeOnly)
        .map((one) => targetOf(file, one)),
    ])
    expect(circlesIn(new Map(values)).map((circle) => circle.join(' → '))).toEqual([])
    const small = { a: ['b'], b: ['c'], c: ['b'] }
    expect(circlesIn(new Map(Object.entries(small)))).toEqual([['b', 'c', 'b']])
  })

  test('an adapter knows one SDK', () => {
    const several = FILES.filter(isIn('adapters')).filter((file) => {
      const sdks = importsOf(textOf(file)).filter(({ name }) => !/^(\.|node:)/.test(name))
      return new Set(sdks.map(({ name }) => name)).size > 1
    })
    expect(several).toEqual([])
  })
})

describe('what decides', () => {
  const OUTSIDE =
    /Date\.now|new Date\(\)|performance\.now|Math\.random|\brandom(?:UUID|Bytes|Int)\b|setTimeout|process\.env/

  test('has no clock, no chance and no environment of its own', () => {
    expect(found(FILES.filter(isIn('core', 'runbooks', 'stages', 'store', 'ports')), OUTSIDE)).toEqual([])
  })

  test('waits for nothing in the core', () => {
    expect(found(FILES.filter(isIn('core')), /\bawait\b|\basync\b/)).toEqual([])
  })

  test('reads the environment in one file of what runs in Lambda', () => {
    const readers = FILES.filter((file) => file.startsWith('lambda/') && textOf(file).includes('process.env'))
    expect(readers).toEqual(['lambda/environment.ts'])
  })
})

describe('files', () => {
  test('open with what they are for', () => {
    expect(FILES.filter((file) => !/^(#!.*\n)?(\/\/ |\/\*\* )/.test(textOf(file)))).toEqual([])
  })

  /** Lists of one kind, which are read by name, not as a whole. */
  const LISTS = /^(?:test\/)?(?:lib\/alarms|bin\/commands|lambda\/core\/respond\/actions|.*\/kinds)$/

  test('are at most fifteen in a folder', () => {
    const counts = new Map<string, number>()
    for (const file of [...FILES, ...filesIn('test')]) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    expect([...counts].filter(([folder, count]) => count > 15 && !LISTS.test(folder))).toEqual([])
  })
})
