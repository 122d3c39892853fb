// Which alarms are no news, with the rule that says so; and how bad others are by the config.
import type { ConfigInput } from '../../../lambda/config.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { correlate } from '../../../lambda/core/correlate/correlate.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { emptyBoard } from '../../../lambda/core/incident/board.ts'
import { testAlarmName } from '../../../lambda/core/facts/test-alarm.ts'
import { alarm, minutes, play, recovery, rulesFor, T0 } from '../incidents.ts'

const TRACKING = 'TargetTracking-service/prod/api-AlarmLow-0d3c6a52'

const why = (rest: Partial<ConfigInput>, change: Change): string | undefined =>
  rulesFor({ api: {} }, rest).whyIgnored(change)

describe('is ignored', () => {
  const named = (name: string, more: Partial<Change> = {}): Change => alarm('api', 0, { name, ...more })
  test.each<[string, Partial<ConfigInput>, Change, string | undefined]>([
    ['target tracking, by default', {}, named(TRACKING), '(ignoreTargetTracking)'],
    ['what only scales, under any name', {}, named('scale-in', { scales: true }), '(ignoreTargetTracking)'],
    [
      'nothing of it where the config says so',
      { ignoreTargetTracking: false },
      named(TRACKING, { scales: true }),
      undefined,
    ],
    ['not a name that only holds the word', {}, named('api-TargetTracking-lag'), undefined],
    [
      'what a rule fits, named with its place',
      { ignore: [{ name: 'x' }, { name: 'api/*' }] },
      named('api/idle'),
      'ignored by ignore[1]: {"name":"api/*"}',
    ],
    ['by a metric', { ignore: [{ metric: 'lat*' }] }, named('a'), 'ignore[0]'],
    ['not what no rule fits', { ignore: [{ name: 'b' }] }, named('a'), undefined],
    [
      'what another stack’s Tocsin made',
      {},
      named('tocsin@Staging/api/x/cpu-percent'),
      'made by the Tocsin of the stack Staging, which tells of it',
    ],
    [
      'also what the usual one made, in another',
      { deploy: { name: 'Staging' } },
      named('tocsin/api/x/cpu-percent'),
      'made by the Tocsin of the stack Tocsin',
    ],
    [
      'and its tests',
      { deploy: { name: 'Staging' } },
      named(testAlarmName('1', { calls: false })),
      'made by the Tocsin of the stack Tocsin',
    ],
    ['not its own', { deploy: { name: 'Staging' } }, named(testAlarmName('1', { calls: false }, 'Staging')), undefined],
    ['not a name that only begins alike', {}, named('tocsin@/x'), undefined],
    ['never a test alarm', { ignore: [{ name: 'tocsin-*' }] }, named(testAlarmName('1', { calls: false })), undefined],
  ])('%s', (_, rest, change, reason) => {
    if (reason === undefined) expect(why(rest, change)).toBeUndefined()
    else expect(why(rest, change)).toContain(reason)
  })

  test('a composite that names an ignored child is not', () => {
    expect(
      why({ ignore: [{ name: 'api-cpu' }] }, named('api is unusable', { dimensions: undefined, metric: undefined })),
    ).toBeUndefined()
  })
})

test('an ignored alarm opens and joins nothing, and says why', () => {
  const rules = rulesFor({ api: {} }, { ignore: [{ name: 'api/idle' }] })
  const draft = draftOf(emptyBoard(), rules, T0 + minutes(9))
  const fates = correlate(draft, new Map(), [
    alarm('api', 0),
    alarm('api', 1, { name: 'api/idle' }),
    recovery('api', 2, { name: 'api/idle' }),
  ])
  const reason = { ignored: 'ignored by ignore[0]: {"name":"api/idle"}' }
  expect(fates).toEqual([{ incident: 'INC-0001' }, reason, reason])
  expect(draft.get('INC-0001').firing).toBe(1)
})

test('what fired before it was ignored still ends', () => {
  const before = play(rulesFor({ api: {} }), [alarm('api', 0)])
  const rules = rulesFor({ api: {} }, { ignore: [{ name: 'api/*' }] })
  expect(play(rules, [alarm('api', 1)], before).only.firing).toBe(1)
  expect(play(rules, [alarm('api', 1), recovery('api', 2)], before).only.firing).toBe(0)
})

test.each([
  [{ ignore: [{}] }, 'ignore[0]: an empty matcher would take every alarm'],
  [{ ignore: [{ name: 'x' }, { name: '*' }] }, 'ignore[1]: would ignore every alarm'],
  [{ ignore: [{ account: '*', region: '**', dimensions: {} }] }, 'ignore[0]: would ignore every alarm'],
  [{ severity: [{ when: {}, is: 'minor' as const }] }, 'severity[0].when: an empty matcher would take every alarm'],
])('a matcher that takes every alarm is a mistake: %j', (rest, problem) => {
  expect(() => rulesFor({ api: {} }, rest)).toThrow(problem)
})

test.each<Partial<ConfigInput>>([
  { ignore: [{ name: '*', region: 'eu-west-3' }] },
  { ignore: [{ dimensions: { InstanceId: '*' } }] },
  { severity: [{ when: { name: '*' }, is: 'minor' }] },
])('but not one that takes many, or says how bad all others are: %j', (rest) => {
  expect(() => rulesFor({ api: {} }, rest)).not.toThrow()
})

describe('how bad an incident is', () => {
  const services = { api: { statusPage: ['Shop'] }, db: {}, web: { dependsOn: ['db'] } }
  const minor = { when: { name: 'api/*' }, is: 'minor' as const }
  const worst = { when: { name: 'db/*' }, is: 'critical' as const }
  test.each<[string, Partial<ConfigInput>, Change[], string]>([
    ['by its signals and services, as long as the config says nothing', {}, [alarm('api', 0)], 'critical'],
    ['by the config, where that says less', { severity: [minor] }, [alarm('api', 0)], 'minor'],
    ['by the config, where that says more', { severity: [worst] }, [alarm('db', 0)], 'critical'],
    [
      'by the first rule that fits',
      { severity: [minor, { when: { name: '*' }, is: 'major' }] },
      [alarm('api', 0)],
      'minor',
    ],
    [
      'by the worst of its alarms',
      { severity: [minor] },
      [alarm('api', 0), alarm('api', 1, { name: 'other', metric: 'errors' })],
      'critical',
    ],
    [
      'by the number of services, if some of them are not in the config',
      { severity: [{ when: { name: 'web/*' }, is: 'minor' }] },
      [alarm('db', 0), alarm('web', 1)],
      'major',
    ],
    [
      'by the config alone, if all of them are',
      { severity: [{ when: { name: '*' }, is: 'minor' }] },
      [alarm('db', 0), alarm('web', 1)],
      'minor',
    ],
  ])('%s', (_, rest, changes, severity) => {
    expect(play(rulesFor(services, rest), changes).only.severity).toBe(severity)
  })
})

test('two alarms of one undeclared service are one incident', () => {
  const dimensions = { ClusterName: 'prod', ServiceName: 'mailer' }
  const { board } = play(rulesFor({ api: {} }), [
    alarm('x', 0, { name: 'mailer latency too high in prod', dimensions }),
    alarm('x', 1, { name: 'ECS-mailer-CPU-80-percent', metric: 'CPUUtilization', dimensions }),
  ])
  expect(Object.values(board.incidents).map(({ services }) => Object.keys(services))).toEqual([['prod/mailer']])
})
