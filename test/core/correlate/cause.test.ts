// The probable cause: the ranking in small incidents, and the evidence given for it.
import { causesOf, type Cause } from '../../../lambda/core/correlate/cause.ts'
import type { ConfigInput } from '../../../lambda/config.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { alarm, play, rulesFor } from '../incidents.ts'

const CHAIN: ConfigInput['services'] = {
  web: { kind: 'load-balancer', dependsOn: ['api'] },
  api: { dependsOn: ['db', 'cache'] },
  db: { kind: 'database' },
  cache: {},
  worker: { dependsOn: ['broker'] },
  sender: { dependsOn: ['broker'] },
  broker: { kind: 'queue' },
  left: { dependsOn: ['right'] },
  right: { dependsOn: ['left'] },
  client: { kind: 'client', dependsOn: ['api'] },
}
const rules = rulesFor(CHAIN)

const latency = (service: string, at: number, value = 6, extra: Partial<Change> = {}): Change =>
  alarm(service, at, { metric: 'ResponseTime', value, threshold: 1, side: 'above', name: `${service}/rt`, ...extra })
const errors = (service: string, at: number, value = 6): Change =>
  alarm(service, at, { metric: 'Errors', value, threshold: 1, side: 'above', name: `${service}/errors` })
const disk = (service: string, at: number): Change =>
  alarm(service, at, { metric: 'DiskFree', value: 1, threshold: 4, side: 'below', name: `${service}/disk` })
const cpu = (service: string, at: number): Change =>
  alarm(service, at, { metric: 'CPUUtilization', value: 95, threshold: 90, side: 'above', name: `${service}/cpu` })

const ranking = (changes: Change[]): string[] => {
  const { board } = play(rules, changes)
  const incidents = Object.values(board.incidents).filter(({ status }) => status !== 'merged')
  expect(incidents).toHaveLength(1)
  return causesOf(incidents[0]!, rules).map(({ service }) => service)
}

describe('the first cause', () => {
  test.each<[string, Change[], string[]]>([
    ['is the only service that alarms', [latency('api', 0)], ['api']],
    ['is the leaf that explains its callers', [latency('web', 0), latency('api', 0), latency('db', 1)], ['db']],
    ['is the leaf, though it fired last', [errors('web', 0), errors('api', 1), latency('db', 3)], ['db']],
    ['is the leaf, though its caller is worse', [latency('api', 0, 10), latency('db', 0, 4)], ['db']],
    ['is not a leaf with a much smaller excess', [latency('api', 0, 50), latency('db', 0, 1.1)], ['api']],
    ['is a resource that ran out, however small', [latency('api', 0, 50), cpu('db', 1)], ['db']],
    [
      'is the broker without disk, not those that wait for it',
      [latency('worker', 0), errors('sender', 0), disk('broker', 1)],
      ['broker'],
    ],
    [
      'is the resource before the symptom of the same rank',
      [latency('api', 0), latency('cache', 0), disk('db', 0)],
      ['db'],
    ],
    ['in a cycle is the one that fired first', [latency('left', 0), latency('right', 2)], ['left']],
    ['in a cycle is the one that fired first, the other way', [latency('right', 0), latency('left', 2)], ['right']],
    ['is the service, not the load balancer before it', [errors('web', 0), errors('api', 2)], ['api']],
    ['is the service, not the client before it', [errors('client', 0), errors('api', 2)], ['api']],
    ['errors below explain slowness above', [latency('api', 0), errors('db', 0)], ['db']],
  ])('%s', (_, changes, [first]) => {
    expect(ranking(changes)[0]).toBe(first)
  })
})

describe('the last cause', () => {
  test.each<[string, Change[], string]>([
    ['is the load balancer', [errors('web', 0), errors('api', 0), latency('db', 0)], 'web'],
    ['is the load balancer, though it fired first', [errors('web', 0), latency('db', 5), latency('api', 6)], 'web'],
    ['is the client', [errors('client', 0), errors('api', 1), errors('db', 1)], 'client'],
  ])('%s', (_, changes, last) => {
    expect(ranking(changes).at(-1)).toBe(last)
  })

  test('a chronic alarm ranks after the fresh leaf', () => {
    const chronic = latency('cache', -25, 6)
    const still = latency('cache', 0, 6, { name: 'cache/rt2' })
    const changes = [
      chronic,
      still,
      latency('cache', 20, 6, { name: 'cache/rt3' }),
      latency('api', 40),
      latency('db', 39),
    ]
    expect(ranking(changes)).toEqual(['db', 'cache', 'api'])
  })

  test('a disk that filled slowly is no chronic alarm', () => {
    const changes = [disk('db', 0), disk('db', 20), latency('cache', 39), latency('api', 40)]
    changes[1] = { ...changes[1]!, name: 'db/disk2', key: 'disk2' }
    expect(ranking(changes)[0]).toBe('db')
  })
})

describe('a ranking', () => {
  let causes: Cause[]
  beforeEach(() => {
    causes = causesOf(play(rules, [errors('web', 0), latency('api', 0), disk('db', 1)]).only, rules)
  })

  test('holds every service, and its scores add up to 1', () => {
    expect(causes.map(({ service }) => service).sort()).toEqual(['api', 'db', 'web'])
    expect(causes.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 2)
    expect(causes.map(({ score }) => score)).toEqual(causes.map(({ score }) => score).sort((a, b) => b - a))
  })

  test('says why, in words', () => {
    expect(causes[0]!.evidence.join('; ')).toContain(
      'explains 2 services that depend on it; disk ran short (4.0 times its limit)',
    )
    expect(causes.find(({ service }) => service === 'api')!.evidence.join()).toContain('is itself explained by db')
    expect(causes.find(({ service }) => service === 'web')!.evidence.join()).toContain(
      'a load-balancer shows what is behind it',
    )
    for (const { evidence } of causes) expect(evidence.length).toBeGreaterThan(0)
  })

  test('does not depend on the order in which alarms came', () => {
    const changes = [errors('web', 0), latency('api', 0), disk('db', 1)]
    const backwards = play(rules, [...changes].reverse()).only
    expect(causesOf(backwards, rules)).toEqual(causes)
  })

  test('of nothing is nothing', () => {
    expect(causesOf({ services: {} }, rules)).toEqual([])
  })
})

describe('how much each counts', () => {
  const scored = (...changes: Change[]): [string, number][] =>
    causesOf(play(rules, changes).only, rules).map(({ service, score }) => [service, score])
  const evidence = (of: string, ...changes: Change[]): string[] =>
    causesOf(play(rules, changes).only, rules).find(({ service }) => service === of)!.evidence
  /** The same service fires again and again, so that the window stays open. */
  const since = (service: string, minutes: number, one = latency): Change[] =>
    Array.from({ length: Math.ceil(minutes / 9) }, (_, n) => ({
      ...one(service, n * 9),
      name: `${service}/${n}`,
      key: `${service}/${n}`,
    }))

  test('one alone is all', () => {
    expect(scored(latency('api', 0))).toEqual([['api', 1]])
    expect(evidence('api', latency('api', 0))).toEqual(['nothing that it depends on explains it'])
    expect(evidence('db', latency('db', 0))).toEqual(['the only service that alarms'])
  })

  test('of two alike the first to fire, then the first by name', () => {
    const both = [disk('broker', 0), latency('worker', 2), latency('sender', 2)]
    expect(scored(...both)).toEqual([
      ['broker', 0.843],
      ['sender', 0.079],
      ['worker', 0.079],
    ])
    expect(ranking([disk('broker', 0), latency('sender', 3), latency('worker', 2)])).toEqual([
      'broker',
      'worker',
      'sender',
    ])
  })

  test('an alarm more than half an hour older than its symptoms is scenery, unless a resource ran short', () => {
    const OLD = 'its alarm is much older than the symptoms'
    const scoreOf = (changes: Change[]) => Object.fromEntries(scored(...changes))['db']!
    const [young, old] = [
      [...since('db', 30), latency('api', 30)],
      [...since('db', 30), latency('api', 30.1)],
    ]
    expect(evidence('db', ...young)).not.toContain(OLD)
    expect(evidence('db', ...old)).toContain(OLD)
    expect(scoreOf(old)).toBeLessThan(scoreOf(young))
    expect(evidence('db', ...since('db', 30, disk), latency('api', 30.1))).not.toContain(OLD)
  })

  test('one that explains not all of its callers counts less', () => {
    // The cache's errors are much smaller than what the web sees, and no smaller than what the api sees.
    const all = scored(latency('api', 0, 6), latency('cache', 0, 6), latency('web', 0, 6))
    const some = scored(latency('api', 0, 6), latency('cache', 0, 6), latency('web', 0, 60))
    const of = (scores: [string, number][]) => Object.fromEntries(scores)['cache']!
    expect(of(some)).toBeLessThan(of(all))
  })

  test('one of several callers that it does not explain makes it less likely', () => {
    const rivals = (web: number) =>
      Object.fromEntries(scored(latency('db', 0, 6), latency('api', 0, 6), latency('web', 0, web)))
    expect(rivals(6)['db']).toBeGreaterThan(rivals(60)['db']!)
    expect(rivals(6)['db']! / rivals(6)['api']!).toBeCloseTo(3 / (2 * 0.35), 1)
  })

  test('the oldest symptom decides whether an alarm is scenery', () => {
    const both = [...since('broker', 30), latency('worker', 29), latency('sender', 30.2)]
    expect(evidence('broker', ...both)).not.toContain('its alarm is much older than the symptoms')
  })

  test('the first of a service’s alarms says when it fired', () => {
    const both = [latency('db', 0), errors('db', 4), latency('api', 2)]
    expect(evidence('db', ...both)).toContain('fired first')
    expect(evidence('api', ...both)).not.toContain('fired first')
  })

  test('it says who fired first, of several', () => {
    const both = [latency('db', 0), latency('api', 1)]
    expect(evidence('db', ...both)).toEqual(['explains api that depends on it', 'fired first'])
    expect(evidence('api', ...both)).toEqual(['is itself explained by db'])
    expect(evidence('api', latency('api', 0), latency('db', 0))).toContain('fired first')
  })

  test('it says how far beyond its limit a resource is, from half as much again', () => {
    const used = (value: number): Change => alarm('db', 0, { metric: 'DiskUsed', value, threshold: 10, side: 'above' })
    expect(evidence('db', used(15))).toEqual(['disk ran short (1.5 times its limit)'])
    expect(evidence('db', used(14.9))).toEqual(['disk ran short'])
  })

  test('a comparable excess is a fifth of the caller’s', () => {
    expect(ranking([latency('api', 0, 10), latency('db', 0, 2)])[0]).toBe('db')
    expect(ranking([latency('api', 0, 10), latency('db', 0, 1.9)])[0]).toBe('api')
  })

  test.each([
    'DiskUsed',
    'MemoryUsed',
    'CPUUtilization',
    'QueueDepth',
    'Errors',
    'HealthyHostCount',
    'Latency',
    'Lunch',
  ])('%s below shows as slowness above', (metric) => {
    const both = [alarm('db', 0, { metric }), latency('api', 0, 2)]
    expect(evidence('db', ...both)).toContain('explains api that depends on it')
    expect(evidence('api', ...both)).toContain('is itself explained by db')
  })

  test('in a cycle, of two that fired at once neither is explained', () => {
    const both = [latency('left', 0), latency('right', 0)]
    for (const service of ['left', 'right']) expect(evidence(service, ...both).join()).not.toContain('is itself')
    expect(ranking(both)).toEqual(['left', 'right'])
  })

  test('signals that a caller cannot show are not explained', () => {
    expect(evidence('api', errors('db', 0), { ...disk('api', 0) })).not.toContain('is itself explained by db')
    expect(evidence('api', cpu('db', 0), cpu('api', 0))).not.toContain('is itself explained by db')
  })
})
