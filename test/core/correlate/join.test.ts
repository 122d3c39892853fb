// Which incident an alarm joins, to the second, and what is said of it.
import type { ConfigInput } from '../../../lambda/config.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { correlate } from '../../../lambda/core/correlate/correlate.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { alarm, clicked, later, minutes, play, recovery, rulesFor, T0, type Played } from '../incidents.ts'

const services: ConfigInput['services'] = {
  web: { title: 'Shop', dependsOn: ['api'] },
  api: { dependsOn: ['db'] },
  db: {},
  other: {},
}
const correlation = { windowSeconds: 600, resolveGraceSeconds: 300, reopenWindowSeconds: 3600 }
const rules = rulesFor(services, { correlation })
const S = 1 / 60

/** The services of each incident that goes on or ended, in the order in which they were opened. */
const groups = ({ board }: Pick<Played, 'board'>): string[] =>
  Object.values(board.incidents)
    .filter(({ status }) => status !== 'merged')
    .map(({ services }) => Object.keys(services).join(' '))

const grouped = (...changes: Change[]): string[] => groups(play(rules, changes))

describe('inside the window around the last change', () => {
  test.each<[string, Change[], string[]]>([
    ['to its last second', [alarm('db', 0), alarm('api', 10)], ['db api']],
    ['and no longer', [alarm('db', 0), alarm('api', 10 + S)], ['db', 'api']],
    ['which a recovery moves on', [alarm('db', 0), recovery('db', 4), alarm('api', 14)], ['db api']],
    ['which another alarm moves on', [alarm('db', 0), alarm('api', 9), alarm('web', 19)], ['db api web']],
    ['but only if it is tied', [alarm('db', 0), alarm('other', 1)], ['db', 'other']],
    ['also where it is older than what is known', [alarm('db', 20), alarm('api', 10)], ['db api']],
    ['and not older than that', [alarm('db', 20), alarm('api', 10 - S)], ['db', 'api']],
  ])('%s', (_, changes, expected) => {
    expect(grouped(...changes)).toEqual(expected)
  })
})

describe('what is said', () => {
  const joined = (...changes: Change[]): string[] =>
    play(rules, changes)
      .only.timeline.filter(({ kind }) => kind === 'joined')
      .map(({ text }) => text)
  const fires = (service: string, at: number, value = 6): Change =>
    alarm(service, at, { metric: 'latency', value, threshold: 2, side: 'above' })

  test('who depends on whom, and through what', () => {
    expect(joined(fires('db', 0), fires('api', 1))[0]).toMatch(/^api joined \(it depends on db\): /)
    expect(joined(fires('api', 0), fires('db', 1))[0]).toMatch(/^db joined \(api depends on it\): /)
    expect(joined(fires('db', 0), fires('web', 1))[0]).toMatch(/^Shop joined \(it depends on db, through api\): /)
    expect(joined(fires('web', 0), fires('db', 1))[0]).toMatch(/^db joined \(Shop depends on it, through api\): /)
  })

  test('nothing where a service fires that is part of it', () => {
    expect(joined(fires('db', 0), alarm('db', 1, { metric: 'Errors' }))).toEqual([])
  })

  test('once, with the service', () => {
    const { only } = play(rules, [fires('db', 0), fires('api', 1), recovery('api', 2), fires('api', 3)])
    expect(only.timeline.filter(({ kind }) => kind === 'joined')).toMatchObject([
      { at: T0 + minutes(1), service: 'api' },
    ])
  })
})

describe('an alarm that ties two together', () => {
  test('makes them one, the elder', () => {
    const played = play(rules, [alarm('db', 0), alarm('web', 1, { name: 'x' }), alarm('api', 2)])
    expect(groups(played)).toEqual(['db web api'])
    const apart = rulesFor({ ...services, web: { dependsOn: ['left', 'right'] }, left: {}, right: {} })
    const { board } = play(apart, [alarm('left', 1), alarm('right', 0), alarm('web', 2)])
    expect(board.incidents['INC-0001']).toMatchObject({ status: 'merged', mergedInto: 'INC-0002' })
    expect(board.incidents['INC-0001']!.timeline.at(-1)!.text).toBe('Merged into INC-0002: web ties them together')
  })

  test('not those that a person took apart', () => {
    const apart = rulesFor({ web: { dependsOn: ['left', 'right'] }, left: {}, right: {} })
    const first = play(apart, [alarm('left', 0), alarm('web', 1), alarm('right', 2)])
    const { board } = clicked(first.board, apart, { at: 3, do: 'unrelated', incident: 'INC-0001', choice: 'right' })
    const played = { ...first, board: board! }
    const after = play(apart, [alarm('web', 4, { metric: 'Errors' })], played)
    expect(groups(after)).toEqual(['left web', 'right'])
    // And what was taken out stays out.
    expect(groups(play(apart, [alarm('right', 5, { metric: 'Errors' })], played))).toEqual(['left web', 'right'])
  })
})

describe('one that has ended', () => {
  const ended = play(rules, [alarm('db', 0), recovery('db', 4)])
  const over: Played = { ...ended, board: later(ended.board, rules, 9) }
  const fate = (change: Change, at = 120) => {
    const draft = draftOf(over.board, rules, T0 + minutes(at))
    const [found] = correlate(draft, over.alarms, [change])
    return { fate: found, status: draft.board.incidents['INC-0001']!.status, draft }
  }

  test('takes a refire of its own service, to the end of the reopen window', () => {
    expect(over.only.status).toBe('open')
    const { draft, fate: back, status } = fate(alarm('db', 69))
    expect([back, status]).toEqual([{ incident: 'INC-0001' }, 'open'])
    expect(draft.board.incidents['INC-0001']).toMatchObject({ refiredAt: T0 + minutes(69), firing: 1 })
    expect(draft.board.incidents['INC-0001']!.timeline.at(-1)!.text).toBe('Reopened: db/latency fires again')
    expect(fate(alarm('db', 69 + S)).fate).toEqual({ incident: 'INC-0002' })
  })

  test('takes another alarm of its own service, too', () => {
    const { draft, fate: back } = fate(alarm('db', 69, { metric: 'Errors' }))
    expect(back).toEqual({ incident: 'INC-0001' })
    expect(draft.board.incidents['INC-0001']!.timeline.map(({ text }) => text)).toContain('Reopened: db/Errors fires')
    expect(fate(alarm('db', 69 + S, { metric: 'Errors' })).fate).toEqual({ incident: 'INC-0002' })
  })

  test('takes no other service, however soon', () => {
    expect(fate(alarm('api', 9 + S)).fate).toEqual({ incident: 'INC-0002' })
  })

  test('takes what belongs to its time: it had not ended', () => {
    const { draft, fate: back, status } = fate(alarm('api', 9))
    expect([back, status]).toEqual([{ incident: 'INC-0001' }, 'open'])
    expect(draft.board.incidents['INC-0001']!.timeline.map(({ text }) => text)).toContain(
      'Reopened: api/latency fires since before it was resolved',
    )
    expect(draft.board.incidents['INC-0001']).not.toHaveProperty('refiredAt')
  })

  test('is the home of an old firing that had an end: nothing is opened', () => {
    const draft = draftOf(over.board, rules, T0 + minutes(120))
    const both = [recovery('db', 8), alarm('db', 7)]
    expect(correlate(draft, over.alarms, both)).toEqual([{ incident: 'INC-0001' }, { incident: 'INC-0001' }])
    expect(draft.board.incidents['INC-0001']).toMatchObject({ status: 'resolved', resolved: { at: T0 + minutes(13) } })
  })

  test('is opened by an old firing that has no end', () => {
    const { draft, status } = fate(alarm('db', 7))
    expect(status).toBe('open')
    expect(draft.board.incidents['INC-0001']!.timeline.at(-1)!.text).toBe(
      'Reopened: db/latency fires since before it was resolved',
    )
  })
})
