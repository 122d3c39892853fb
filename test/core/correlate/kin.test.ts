// Alarms of which CloudWatch says that they belong together are one incident, in whichever order they come.
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { causesOf } from '../../../lambda/core/correlate/cause.ts'
import { isActive } from '../../../lambda/core/incident/incident.ts'
import { alarm, clicked, later, play, recovery, rulesFor, type Played } from '../incidents.ts'

const rules = rulesFor({ api: {}, db: {} })
const child = (service: string, at: number): Change => alarm(service, at)
const related = (...services: string[]) => ({
  related: services.map((service) => ({ key: alarm(service, 0).key, name: alarm(service, 0).name })),
})
const composite = (at: number, ...services: string[]): Change =>
  alarm('x', at, {
    name: 'customers suffer',
    dimensions: undefined,
    metric: undefined,
    sumsUp: true,
    ...related(...services),
  })

const active = ({ board }: Pick<Played, 'board'>) => Object.values(board.incidents).filter(isActive)

describe.each([
  ['the child first', [child('api', 0), composite(1, 'api')]],
  ['the composite first', [composite(0, 'api'), child('api', 1)]],
])('a composite and its child, %s', (_, changes) => {
  const played = play(rules, changes)
  test('are one incident', () => {
    expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([['api', 'customers suffer']])
  })

  test('whose cause is the child, and which is no worse for the composite', () => {
    const [first, last] = causesOf(played.only, rules)
    expect(first!.service).toBe('api')
    expect(last).toMatchObject({
      service: 'customers suffer',
      evidence: expect.arrayContaining(['it sums up other alarms']) as string[],
    })
    expect(played.only.severity).toBe('minor')
  })

  test('end together', () => {
    const over = play(rules, [recovery('api', 5), { ...composite(6, 'api'), state: 'OK' }], played)
    expect(later(over.board, rules, 30).incidents['INC-0001']).toMatchObject({ status: 'resolved', firing: 0 })
  })
})

test('why it joined stands in the timeline', () => {
  const { timeline } = play(rules, [child('api', 0), composite(1, 'api')]).only
  expect(timeline.at(-1)!.text).toBe(
    'customers suffer joined (CloudWatch says that their alarms belong together): customers suffer',
  )
})

test('children with incidents of their own become one when their composite fires', () => {
  const played = play(rules, [child('api', 0), child('db', 1), composite(2, 'api', 'db')])
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([
    ['api', 'customers suffer', 'db'],
  ])
})

test('a child that fires hours later, and did not make it fire, is an incident of its own', () => {
  const played = play(rules, [child('api', 0), composite(1, 'api'), child('db', 200)])
  expect(active(played)).toHaveLength(2)
})

test('two composites that fire hours apart for their own reasons stay apart', () => {
  const played = play(rules, [
    child('api', 0),
    composite(1, 'api'),
    child('db', 200),
    { ...composite(201, 'db'), key: 'other', name: 'search is down' },
  ])
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([
    ['api', 'customers suffer'],
    ['db', 'search is down'],
  ])
})

test('a child that has fired for days draws nothing new into its incident', () => {
  const played = play(rules, [child('api', 0), child('db', 7_000), composite(7_001, 'api', 'db')])
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([
    ['api'],
    ['customers suffer', 'db'],
  ])
})

test('a composite that fires again goes where its child fires, not back to its last incident', () => {
  const before = play(rules, [
    child('api', 0),
    composite(1, 'api'),
    recovery('api', 10),
    { ...composite(10, 'api'), state: 'OK' },
  ])
  const ended = { ...before, board: later(before.board, rules, 20) }
  const played = play(rules, [child('db', 50), composite(51, 'db')], ended)
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([['customers suffer', 'db']])
})

test('a child that had an incident before comes to that of its composite, not back to its own', () => {
  const before = play(rules, [child('db', 0), recovery('db', 1)])
  const ended = { ...before, board: later(before.board, rules, 10) }
  const played = play(rules, [composite(20, 'db'), child('db', 21)], ended)
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([['customers suffer', 'db']])
})

test('once the incident of its composite has ended, a child opens its own', () => {
  const before = play(rules, [composite(0, 'api'), { ...composite(1, 'api'), state: 'OK' }])
  const played = play(rules, [child('api', 30)], { ...before, board: later(before.board, rules, 20) })
  expect(active(played).map(({ services }) => Object.keys(services))).toEqual([['api']])
})

test('what a person took apart stays apart', () => {
  const played = play(rules, [child('api', 0), child('db', 1), composite(2, 'api', 'db')])
  const { board } = clicked(played.board, rules, { do: 'unrelated', incident: played.only.id, choice: 'db', at: 3 })
  const again = play(rules, [recovery('db', 4), child('db', 5)], { ...played, board: board! })
  expect(active(again)).toHaveLength(2)
})

test.each([['before'], ['after']])('one series of an alarm and the alarm itself, which comes %s', (when) => {
  const whole = alarm('x', 0, { name: 'p99', dimensions: undefined, metric: undefined, sumsUp: true })
  const series = alarm('api', 0, {
    key: 'series',
    name: 'p99',
    contributor: 'c1',
    related: [{ key: whole.key, name: 'p99' }],
  })
  const played = play(rules, when === 'before' ? [whole, series] : [series, whole])
  expect(active(played).map(({ services }) => Object.keys(services).sort())).toEqual([['api', 'p99']])
  expect(causesOf(played.only, rules)[0]!.service).toBe('api')
})
