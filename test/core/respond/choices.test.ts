// Clicks that come with a choice: for how long to snooze, and which service is not related.
import { isActive, type Incident } from '../../../lambda/core/incident/incident.ts'
import type { Board } from '../../../lambda/core/incident/board.ts'
import type { ActionName } from '../../../lambda/core/respond/actions/index.ts'
import { alarm, ANA, BEN, clicked, kindsOf, minutes, onlyOn, play, rulesFor, T0, type Answer } from '../incidents.ts'
import { containing } from '../matchers.ts'

const rules = rulesFor({ api: { title: 'API', dependsOn: ['db'] }, db: { title: 'Database' } })
const press = (board: Board, does: ActionName, who = ANA, choice?: string): Answer =>
  clicked(board, rules, { at: 30, who, do: does, incident: onlyOn(board).id, ...(choice && { choice }) })
const open = play(rules, [alarm('api', 0), alarm('db', 1)]).board

describe('a snooze', () => {
  test.each([
    ['15m', '2024-05-02T14:45:00.000Z'],
    ['1h', '2024-05-02T15:30:00.000Z'],
    ['4h', '2024-05-02T18:30:00.000Z'],
    ['morning', '2024-05-03T08:00:00.000Z'],
  ])('of %s ends at %s', (choice, until) => {
    const { snoozed } = onlyOn(press(open, 'snooze', ANA, choice).board!)
    expect(new Date(snoozed!.until).toISOString()).toBe(until)
  })

  test.each([undefined, '', '2h', 'toString', '__proto__'])('of %j is asked for again', (choice) => {
    expect(press(open, 'snooze', ANA, choice)).toEqual({ told: containing('15m, 1h, 4h, morning') })
  })

  test('can be made longer by the one who made it', () => {
    const { board } = press(press(open, 'snooze', BEN, '1h').board!, 'snooze', BEN, '4h')
    expect(onlyOn(board!).snoozed!.until).toBe(T0 + minutes(30 + 240))
  })
})

describe('not related', () => {
  const { board } = press(open, 'unrelated', ANA, 'db')
  const [rest, own] = Object.values(board!.incidents) as [Incident, Incident]

  test('takes the service out into an incident of its own', () => {
    expect([Object.keys(rest.services), Object.keys(own.services)]).toEqual([['api'], ['db']])
    expect([rest.firing, own.firing, isActive(own), own.openedAt]).toEqual([1, 1, true, T0 + minutes(1)])
    expect(kindsOf(own)).toEqual(['opened'])
  })

  test('twice says where it went', () => {
    expect(press(board!, 'unrelated', BEN, 'db').told).toBe(
      'Database was taken out of INC-0001 already: it is INC-0002 now.',
    )
  })

  test.each([undefined, 'ghost', 'constructor', '__proto__'])('of %j changes nothing', (service) => {
    for (const from of [open, board!])
      expect(press(from, 'unrelated', ANA, service)).toEqual({
        told: containing('has no alarms in INC-0001'),
      })
  })

  test('of the last service changes nothing', () => {
    expect(press(board!, 'unrelated', ANA, 'api').told).toBe('INC-0001 has only this service.')
  })

  test('holds for the alarms that come later', () => {
    const alarms = play(rules, [alarm('api', 0), alarm('db', 1)]).alarms
    const after = play(rules, [alarm('db', 31, { name: 'db/errors' })], { board: board!, alarms }).board
    expect(Object.values(after.incidents).map(({ services }) => Object.keys(services))).toEqual([['api'], ['db']])
  })
})
