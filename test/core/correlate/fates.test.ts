// What becomes of each message: an incident, or a reason; and what is remembered of its alarm.
import type { Alarm, Change } from '../../../lambda/core/incident/alarm.ts'
import { emptyBoard } from '../../../lambda/core/incident/board.ts'
import { correlate, type Fate } from '../../../lambda/core/correlate/correlate.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { alarm, clicked, later, minutes, onlyOn, play, playAtOnce, recovery, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor({ web: { kind: 'load-balancer', dependsOn: ['api'] }, api: { dependsOn: ['db'] }, db: {} })

const fatesOf = (changes: Change[], alarms: Iterable<[string, Alarm]> = []): Fate[] =>
  correlate(draftOf(emptyBoard(), rules, T0 + minutes(60)), new Map(alarms), changes)

describe('what belongs to no incident says why', () => {
  test.each<[Change['state'], string]>([
    ['OK', 'the recovery of an alarm that belongs to no incident'],
    ['INSUFFICIENT_DATA', 'an alarm without data that belongs to no incident'],
  ])('%s', (state, ignored) => {
    expect(fatesOf([alarm('api', 0, { state })])).toEqual([{ ignored }])
    // Again: it is known by then.
    expect(fatesOf([alarm('api', 0, { state }), alarm('api', 0, { state })])[1]).toEqual({ ignored })
  })

  test('ALARM', () => {
    const gone = play(rules, [alarm('api', 0), recovery('api', 5)])
    expect(fatesOf([alarm('api', 2)], gone.alarms)).toEqual([{ ignored: 'part of a firing whose incident has ended' }])
    expect(fatesOf([alarm('api', 0)], gone.alarms)).toEqual([{ ignored: 'part of a firing whose incident has ended' }])
  })
})

test('of a batch, each says where it is at the end', () => {
  const apart = rulesFor({ web: { dependsOn: ['left', 'right'] }, left: {}, right: {} })
  const draft = draftOf(emptyBoard(), apart, T0 + minutes(60))
  const changes = [alarm('left', 0), alarm('right', 1), alarm('web', 2), recovery('other', 3)]
  expect(correlate(draft, new Map(), changes)).toEqual([
    { incident: 'INC-0001' },
    { incident: 'INC-0001' },
    { incident: 'INC-0001' },
    { ignored: 'the recovery of an alarm that belongs to no incident' },
  ])
})

describe('what is remembered', () => {
  const first: Partial<Change> = { value: 6, threshold: 2, side: 'above', stat: 'Average', namespace: 'Shop' }

  test('is what the newest change says; an older one fills in what is missing', () => {
    const { alarms } = play(rules, [
      alarm('api', 5, { ...first, value: 9 }),
      recovery('api', 2, { value: 1, namespace: 'Old', stat: 'Sum' }),
      recovery('api', 7, { value: 0.5 }),
    ])
    expect([...alarms.values()]).toEqual([
      {
        key: alarm('api', 0).key,
        name: 'api/latency',
        service: 'api',
        signal: 'latency',
        incident: 'INC-0001',
        changes: [
          [T0 + minutes(2), 'OK'],
          [T0 + minutes(5), 'ALARM'],
          [T0 + minutes(7), 'OK'],
        ],
        account: '123456789012',
        region: 'eu-central-1',
        namespace: 'Shop',
        metric: 'latency',
        stat: 'Average',
        dimensions: { ServiceName: 'api' },
        value: 0.5,
        threshold: 2,
        side: 'above',
      },
    ])
  })

  test('where a message says little, from those before it', () => {
    const full = alarm('api', 0, first)
    const bare: Change = { key: full.key, name: full.name, state: 'OK', at: T0 + minutes(3) }
    const [known] = [...play(rules, [full, bare]).alarms.values()]
    expect(known).toMatchObject({ ...first, account: full.account, region: full.region, dimensions: full.dimensions })
    const { key, name, at, state } = full
    const [other] = [
      ...play(rules, [
        { key, name, at, state },
        { ...full, state: 'OK', at: T0 - minutes(3) },
      ]).alarms.values(),
    ]
    expect(other).toMatchObject({ ...first, account: full.account, metric: 'latency' })
  })

  test('a record whose message never landed is completed by the next one', () => {
    const { board, alarms } = play(rules, [alarm('api', 0)])
    const [whole] = [...alarms.values()]
    const ghost: Alarm = {
      key: whole!.key,
      name: '',
      service: '',
      signal: 'other',
      partial: true,
      changes: whole!.changes,
      incident: 'INC-0001',
    }
    const draft = draftOf(board, rules, T0 + minutes(1))
    expect(correlate(draft, new Map([[ghost.key, ghost]]), [alarm('api', 0)])).toEqual([{ incident: 'INC-0001' }])
    const { partial, ...record } = draft.alarms.get(ghost.key)!
    expect([partial, record]).toEqual([undefined, whole])
    // One that has a name keeps it, and its service.
    const named: Alarm = { ...whole!, service: 'db', signal: 'disk', partial: true }
    const again = draftOf(board, rules, T0 + minutes(1))
    correlate(again, new Map([[named.key, named]]), [alarm('api', 0)])
    expect(again.alarms.get(named.key)).toMatchObject({ service: 'db', signal: 'disk' })
  })
})

describe('as an incident grows', () => {
  const errors = (service: string, at: number): Change => alarm(service, at, { metric: 'Errors' })
  const told = (...changes: Change[]): string[] =>
    play(rules, changes)
      .only.timeline.filter(({ kind }) => kind === 'severity' || kind === 'cause')
      .map(({ kind, text, service }) => [kind, text, service].filter(Boolean).join(' | '))

  test('its severity and its cause are told when they change, and not when it opens', () => {
    expect(told(errors('web', 0))).toEqual([])
    expect(told(alarm('api', 0, { metric: 'CPUUtilization' }), errors('web', 1))).toEqual(['severity | Now critical'])
    expect(told(errors('api', 0), errors('db', 1))).toEqual(['cause | Probable cause is now db | db'])
  })

  test('its severity never goes down', () => {
    const { only } = play(rules, [errors('api', 0), recovery('api', 1, { metric: 'Errors' }), alarm('db', 2)])
    expect(only.severity).toBe('major')
  })

  test('ten services make it critical, nine do not', () => {
    const many = (count: number) => {
      const ids = Array.from({ length: count }, (_, n) => `s${n}`)
      const wide = rulesFor(Object.fromEntries(ids.map((id, n) => [id, { dependsOn: n === 0 ? [] : ['s0'] }])))
      return playAtOnce(
        wide,
        ids.map((id) => alarm(id, 0, { metric: 'CPUUtilization', name: `alarm of /${id}/` })),
      ).only.severity
    }
    expect([many(9), many(10)]).toEqual(['major', 'critical'])
  })

  test.each<[string, object, string, string]>([
    ['people feel it behind a load balancer', { kind: 'load-balancer' }, 'latency', 'critical'],
    ['people feel it at a client', { kind: 'client' }, 'Errors', 'critical'],
    ['people feel what is on the status page', { statusPage: ['Shop'] }, 'latency', 'critical'],
    ['nobody feels a full disk yet', { kind: 'load-balancer' }, 'DiskUsed', 'minor'],
    ['one that fails', {}, 'Errors', 'major'],
    ['one that is slow inside', {}, 'latency', 'minor'],
  ])('how bad it is: %s', (_, service, metric, severity) => {
    expect(play(rulesFor({ shop: service }), [alarm('shop', 0, { metric })]).only.severity).toBe(severity)
  })
})

describe('what is counted', () => {
  const tallyOf = (...changes: Change[]) => play(rules, changes).only.services['api']!.latency

  test('what fires, how many alarms there are, since when, how far beyond, and which was first', () => {
    const beyond = (value: number): Partial<Change> => ({ value, threshold: 2, side: 'above' })
    expect(
      tallyOf(
        alarm('api', 3, { name: 'api/b', ...beyond(8) }),
        alarm('api', 1, { name: 'api/a', ...beyond(6) }),
        recovery('api', 4, { name: 'api/b', ...beyond(1) }),
      ),
    ).toEqual({ firing: 1, total: 2, from: T0 + minutes(1), excess: 4, lead: alarm('api', 0, { name: 'api/a' }).key })
  })

  test('an alarm without data fires still', () => {
    const { only } = play(rules, [alarm('api', 0), alarm('api', 1, { state: 'INSUFFICIENT_DATA' })])
    expect([only.firing, only.quietSince, only.lastAt]).toEqual([1, undefined, T0])
  })

  test('the last recovery and the last change, whatever the order', () => {
    const { only } = play(rules, [alarm('api', 0), recovery('api', 6), alarm('api', 3), recovery('api', 2)])
    expect(only).toMatchObject({ firing: 0, quietSince: T0 + minutes(6), firstAt: T0, lastAt: T0 + minutes(6) })
  })

  test('an alarm that turns out to be older moves the beginning', () => {
    const { only } = play(rules, [alarm('api', 5), alarm('db', 2)])
    expect(only).toMatchObject({ firstAt: T0 + minutes(2), openedAt: T0 + minutes(2), firing: 2 })
  })
})

test('an alarm that fires in another incident no longer counts in the one that a person resolved', () => {
  const one = play(rules, [alarm('api', 0)])
  const over = { ...one, board: clicked(one.board, rules, { at: 5, do: 'resolve', incident: 'INC-0001' }).board! }
  const again = play(rules, [alarm('api', 70)], over)
  expect(again.only).toMatchObject({ status: 'resolved', firing: 1 })
  // Only now it is known that it had recovered in between.
  const { board } = play(rules, [recovery('api', 10)], again)
  const latency = (id: string) => board.incidents[id]!.services['api']!.latency
  expect([board.incidents['INC-0001']!.firing, latency('INC-0001')!.firing]).toEqual([0, 0])
  expect([board.incidents['INC-0002']!.firing, latency('INC-0002')!.firing]).toEqual([1, 1])
})

describe('an alarm that flaps', () => {
  const flappy = rulesFor({ api: {} }, { correlation: { flap: { changes: 3, withinSeconds: 600 } } })
  const twice = (last: number): Change[] => [alarm('api', 0), recovery('api', 1), alarm('api', last)]

  test('is told once, and until when it holds its incident', () => {
    const { only } = play(flappy, [...twice(9.5), recovery('api', 9.8)])
    expect(only.timeline.filter(({ kind }) => kind === 'flapping')).toEqual([
      {
        at: T0 + minutes(9.5),
        kind: 'flapping',
        text: 'api/latency is flapping: 3 changes within 10 minutes. The incident stays open until it is steady',
        service: 'api',
      },
    ])
    expect(only.flapping).toEqual({ [alarm('api', 0).key]: { name: 'api/latency', until: T0 + minutes(11) } })
  })

  test('to the last second, and not beyond', () => {
    expect(play(flappy, twice(10)).only.flapping).toBeDefined()
    expect(play(flappy, twice(10 + 1 / 60)).only.flapping).toBeUndefined()
    expect(play(flappy, twice(5).slice(0, 2)).only.flapping).toBeUndefined()
  })

  test('says nothing of a state that only comes twice', () => {
    const again = [alarm('api', 0), alarm('api', 1), alarm('api', 2), alarm('api', 3)]
    expect(play(flappy, again).only.flapping).toBeUndefined()
  })

  test('is told as steady when the last one is that flaps there, and so is the incident', () => {
    const other = (at: number): Change => alarm('api', at, { name: 'api/b' })
    const { board } = play(flappy, [...twice(2), other(3), { ...other(4), state: 'OK' }, other(5)])
    const both = onlyOn(later(board, flappy, 12.9))
    expect(Object.keys(both.flapping!)).toHaveLength(2)
    expect(both.timeline.filter(({ kind }) => kind === 'flapping' || kind === 'steady')).toMatchObject([
      { at: T0 + minutes(2), text: expect.stringContaining('api/latency is flapping') as string },
    ])
    const over = onlyOn(later(board, flappy, 13))
    expect(over).toMatchObject({ steadyAt: T0 + minutes(13), flapping: {} })
    expect(over.timeline.at(-1)).toEqual({
      at: T0 + minutes(13),
      kind: 'steady',
      text: 'api/b and api/latency are steady again',
    })
  })

  test('is told again if it begins again after all were steady', () => {
    const { board, alarms } = play(flappy, twice(2))
    const again = [recovery('api', 20), alarm('api', 21), recovery('api', 22)]
    const { only } = play(flappy, again, { board: later(board, flappy, 10), alarms })
    expect(only.timeline.filter(({ kind }) => kind === 'flapping')).toHaveLength(2)
  })
})
