// What depends on what: chains, cycles, diamonds, and which services are tied.
import { graphOf, type Graph } from '../../../lambda/core/services/dependencies.ts'

/** `web>api api>db,cache db` */
function graph(words: string): Graph {
  const services = words.split(' ').map((word) => {
    const [id, below] = word.split('>')
    return [id!, { dependsOn: below ? below.split(',') : [] }] as const
  })
  return graphOf(Object.fromEntries(services))
}

describe('what a service depends on', () => {
  test.each([
    ['a chain', 'web>api api>db db', 'web', 'api db'],
    ['the end of a chain', 'web>api api>db db', 'db', ''],
    ['a diamond', 'web>a,b a>db b>db db', 'web', 'a b db'],
    ['a cycle', 'a>b b>c c>a', 'a', 'b c'],
    ['a cycle of two', 'a>b b>a', 'b', 'a'],
    ['itself', 'a>a', 'a', ''],
    ['a way into a cycle', 'web>a a>b b>a', 'web', 'a b'],
    ['a service nobody knows', 'a', 'x', ''],
    ['a dependency nobody describes', 'a>ghost', 'a', 'ghost'],
    [
      'names that every object has',
      'constructor>__proto__ __proto__>toString toString',
      'constructor',
      '__proto__ toString',
    ],
  ])('%s', (_, words, service, below) => {
    expect([...graph(words).below(service)].sort().join(' ')).toBe(below)
  })
})

describe('tied are', () => {
  test.each([
    ['the same service', 'a', 'a', 'a', true],
    ['the same, though nobody knows it', 'a', 'x', 'x', true],
    ['a caller and its callee', 'web>api api', 'web', 'api', true],
    ['a callee and its caller', 'web>api api', 'api', 'web', true],
    ['the ends of a chain, with a quiet one between', 'web>api api>db db', 'web', 'db', true],
    ['the members of a cycle', 'a>b b>c c>a', 'c', 'b', true],
    ['two that call each other', 'a>b b>a', 'a', 'b', true],
    ['not two that only share a dependency', 'a>db b>db db', 'a', 'b', false],
    ['not two that only share a caller', 'web>a,b a b', 'a', 'b', false],
    ['not the two sides of a diamond', 'web>a,b a>db b>db db', 'a', 'b', false],
    ['not two that nobody knows', 'a', 'x', 'y', false],
  ])('%s', (_, words, one, other, tied) => {
    expect(graph(words).tied(one, other)).toBe(tied)
  })

  test('what the whole config says, asked in any order', () => {
    const words = 'a>b b>c,d c>a d>e e'
    const ids = [...'abcde']
    for (const first of ids) {
      const asked = graph(words)
      asked.below(first)
      for (const x of ids) for (const y of ids) expect(asked.tied(x, y)).toBe(graph(words).tied(y, x))
    }
  })
})

describe('the way down', () => {
  test.each([
    ['one step', 'web>api api', 'web', 'api', 'web api'],
    ['the shortest of two', 'web>a,db a>b b>db db', 'web', 'db', 'web db'],
    ['through a cycle', 'a>b b>a,c c', 'a', 'c', 'a b c'],
    ['to itself', 'a', 'a', 'a', 'a'],
    ['none upwards', 'web>api api', 'api', 'web', undefined],
    ['none between strangers', 'a b', 'a', 'b', undefined],
  ])('%s', (_, words, from, to, way) => {
    expect(graph(words).path(from, to)?.join(' ')).toBe(way)
  })
})

test('a chain of 5,000 services and a ring of as many are walked at once', () => {
  const ids = Array.from({ length: 5_000 }, (_, i) => `s${i}`)
  const ring = graphOf(Object.fromEntries(ids.map((id, i) => [id, { dependsOn: [ids[(i + 1) % ids.length]!] }])))
  const start = performance.now()
  expect(ring.below('s0').size).toBe(4_999)
  expect(ring.path('s0', 's4999')).toHaveLength(5_000)
  expect(performance.now() - start).toBeLessThan(1_000)
})
