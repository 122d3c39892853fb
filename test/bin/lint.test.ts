// Which services wait longer than their callers, and how long they should wait.
import { tooLong } from '../../bin/lint.ts'

type Services = Parameters<typeof tooLong>[0]
const service = (timeoutSeconds: number | undefined, ...dependsOn: string[]) => ({
  dependsOn,
  ...(timeoutSeconds !== undefined && { timeoutSeconds }),
})

const said = (services: Services): string[] =>
  tooLong(services).map(
    ({ service, callers, suggestedSeconds }) =>
      `${service} > ${callers.map(({ service, through }) => [service, ...through].join(' via ')).join(', ')}: ${suggestedSeconds}`,
  )

test.each<[string, Services, string[]]>([
  ['longer than its caller', { web: service(4, 'athena'), athena: service(60) }, ['athena > web: 3.2']],
  ['as long as its caller', { web: service(60, 'athena'), athena: service(60) }, []],
  ['shorter than its caller', { web: service(60, 'athena'), athena: service(5) }, []],
  ['without a timeout', { web: service(4, 'athena'), athena: service(undefined) }, []],
  ['called by one without a timeout', { web: service(undefined, 'athena'), athena: service(60) }, []],
  [
    'the shortest of several callers decides',
    { a: service(30, 'x'), b: service(10, 'x'), c: service(90, 'x'), x: service(60) },
    ['x > b, a: 8'],
  ],
  [
    'through one without a timeout',
    { web: service(10, 'proxy'), proxy: service(undefined, 'athena'), athena: service(60) },
    ['athena > web via proxy: 8'],
  ],
  [
    'not through one with a timeout: that one is told',
    { web: service(10, 'api'), api: service(30, 'db'), db: service(20) },
    ['api > web: 8'],
  ],
  [
    'the longest wait for nothing first',
    { w: service(10, 'a', 'b'), a: service(20), b: service(60) },
    ['b > w: 8', 'a > w: 8'],
  ],
  ['a circle of two ends, with one number for both', { a: service(5, 'b'), b: service(9, 'a') }, ['b > a: 5']],
  [
    'a circle without timeouts ends',
    { a: service(undefined, 'b'), b: service(undefined, 'a', 'c'), c: service(9) },
    [],
  ],
  ['itself is no caller', { a: service(9, 'a') }, []],
  ['parts of a second', { a: service(0.1, 'b'), b: service(1) }, ['b > a: 0.08']],
  [
    'ids like those of every object',
    { constructor: service(1, 'toString'), toString: service(3) },
    ['toString > constructor: 0.8'],
  ],
])('%s', (_, services, expected) => {
  expect(said(services)).toEqual(expected)
})

test('with what it suggests, nothing is left to say, step by step', () => {
  let services: Services = {
    web: service(10, 'api'),
    api: service(30, 'athena', 'api2'),
    api2: service(40, 'api', 'athena'),
    athena: service(60, 'db'),
    db: service(50),
  }
  for (let round = 0; round < 10 && tooLong(services).length > 0; round++)
    for (const { service: id, suggestedSeconds } of tooLong(services))
      services = { ...services, [id]: { ...services[id]!, timeoutSeconds: suggestedSeconds } }
  expect(tooLong(services)).toEqual([])
})
