// The arrows of the design: who may import whom. A file that breaks one is named, with the import.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDERS = ['bin', 'lib', 'lambda', 'replay', 'drill', 'local', 'bench', 'e2e']

type Place =
  | 'bin'
  | 'lib'
  | 'core'
  | 'adapters'
  | 'entry'
  | 'runtime'
  | 'environment'
  | 'config'
  | 'ports'
  | 'stage'
  | 'runbooks'
  | 'replay'
  | 'drill'
  | 'local'
  | 'bench'
  | 'e2e'
  | 'user config'

function placeOf(file: string): Place {
  const [top, ...rest] = relative(ROOT, file).split('/')
  if (top === 'tocsin.config.ts') return 'user config'
  if (top !== 'lambda') return top as Place
  if (rest.length > 1) return rest[0] as Place
  const name = rest[0]!.replace('.ts', '')
  return name === 'runtime' || name === 'environment' || name === 'config' || name === 'ports' ? name : 'stage'
}

/** What each place may import: other places, and packages by name (an entry ending in / is a prefix). */
const ALLOWED: Record<Place, { places: Place[]; packages: string[] }> = {
  core: { places: ['core'], packages: ['node:crypto', '@date-fns/tz'] },
  ports: { places: ['core'], packages: [] },
  stage: { places: ['stage', 'core', 'ports', 'runbooks'], packages: [] },
  runbooks: { places: ['runbooks', 'ports', 'core'], packages: ['zod', 'node:crypto'] },
  config: { places: ['config', 'core', 'runbooks'], packages: ['zod', 'fastest-levenshtein'] },
  environment: { places: ['core'], packages: ['node:fs', 'node:path'] },
  adapters: {
    places: ['ports', 'core', 'adapters'],
    packages: [
      '@aws-sdk/',
      '@slack/web-api',
      'aws4fetch',
      'node:crypto',
      'node:zlib',
      'amqplib',
      'node:timers/promises',
    ],
  },
  runtime: { places: ['adapters', 'core', 'ports', 'environment'], packages: [] },
  entry: {
    places: ['entry', 'stage', 'runtime', 'ports', 'runbooks'],
    packages: ['aws-lambda', '@aws/durable-execution-sdk-js'],
  },
  lib: {
    places: ['lib', 'core', 'runbooks'],
    packages: ['aws-cdk-lib', 'aws-cdk-lib/', 'cdk-nag', 'constructs', 'esbuild', 'node:'],
  },
  replay: { places: ['replay', 'stage', 'core', 'ports'], packages: ['node:'] },
  drill: { places: ['drill', 'replay', 'runbooks', 'stage', 'core', 'ports', 'config'], packages: ['zod', 'node:'] },
  // The command line reads the board as the functions do, and speaks to AWS and Slack for a person.
  bin: {
    places: ['bin', 'lib', 'replay', 'drill', 'config', 'core', 'stage', 'adapters', 'ports'],
    packages: ['aws-cdk-lib', '@aws-sdk/', '@slack/web-api', '@inquirer/prompts', 'node:'],
  },
  local: {
    places: [
      'local',
      'drill',
      'replay',
      'runbooks',
      'entry',
      'runtime',
      'stage',
      'core',
      'ports',
      'config',
      'user config',
    ],
    packages: [
      '@aws-sdk/',
      '@aws/',
      '@slack/',
      'aws-lambda',
      'dynalite',
      'fauxqs',
      'esbuild',
      'react',
      'react/',
      'react-dom',
      'react-dom/',
      'slack-blocks-to-jsx',
      'node:',
    ],
  },
  bench: {
    places: [
      'bench',
      'local',
      'lib',
      'replay',
      'stage',
      'core',
      'ports',
      'config',
      'user config',
      'adapters',
      'runtime',
    ],
    packages: ['@aws-sdk/', 'aws-cdk-lib', 'aws-cdk-lib/', 'node:'],
  },
  // From outside: commands, the SDK, the pretend Slack. Runbooks also alone, on a real broker.
  e2e: {
    places: ['e2e', 'local', 'core', 'ports', 'runbooks', 'adapters'],
    packages: ['@aws-sdk/', 'aws4fetch', 'amqplib', 'fauxqs', 'node:'],
  },
  'user config': { places: ['config'], packages: [] },
}

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(ROOT, folder, file)),
)

const importsOf = (source: string): string[] =>
  [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
    ),
  ].map((found) => (found[1] ?? found[2] ?? found[3])!)

function mistakes(file: string): string[] {
  const place = placeOf(file)
  const { places, packages } = ALLOWED[place]
  return importsOf(readFileSync(file, 'utf8')).flatMap((name) => {
    if (name.endsWith('.css')) return []
    if (name.startsWith('.')) {
      const other = placeOf(resolve(dirname(file), name))
      return places.includes(other) ? [] : [`${relative(ROOT, file)} (${place}) imports ${name} (${other})`]
    }
    const known = packages.some((allowed) => (/[/:]$/.test(allowed) ? name.startsWith(allowed) : name === allowed))
    return known ? [] : [`${relative(ROOT, file)} (${place}) imports ${name}`]
  })
}

describe('imports', () => {
  test('are found at all', () => {
    expect(
      importsOf(
        "import { a } from './a.ts'\nimport type {\n  B,\n} from 'b'\nexport * from './c.ts'\nconst d = await import('d')",
      ),
    ).toEqual(['./a.ts', 'b', './c.ts', 'd'])
    expect(files.length).toBeGreaterThan(50)
  })

  test('run one way', () => {
    expect(files.flatMap(mistakes)).toEqual([])
  })

  test('an adapter knows one SDK', () => {
    for (const file of files.filter((file) => placeOf(file) === 'adapters')) {
      const sdks = new Set(importsOf(readFileSync(file, 'utf8')).filter((name) => !/^(\.|node:)/.test(name)))
      expect({ file: relative(ROOT, file), sdks: sdks.size <= 1 }).toEqual({ file: relative(ROOT, file), sdks: true })
    }
  })

  test('the core has no clock, no chance, no environment and waits for nothing', () => {
    for (const file of files.filter((file) => placeOf(file) === 'core')) {
      const code = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
      expect({
        file: relative(ROOT, file),
        found: /\bawait\b|\basync\b|Date\.now|new Date\(\)|Math\.random|process\.env/.exec(code)?.[0],
      }).toEqual({ file: relative(ROOT, file), found: undefined })
    }
  })

  test('only one file of what runs in Lambda reads the environment', () => {
    const readers = files.filter(
      (file) =>
        relative(ROOT, file).startsWith('lambda') &&
        readFileSync(file, 'utf8').includes('process.env') &&
        !file.endsWith('environment.ts'),
    )
    expect(readers.map((file) => relative(ROOT, file))).toEqual([])
  })

  test('every file opens with what it is for', () => {
    const without = files.filter((file) => !/^(#!.*\n)?(\/\/ |\/\*\* )/.test(readFileSync(file, 'utf8')))
    expect(without.map((file) => relative(ROOT, file))).toEqual([])
  })
})
