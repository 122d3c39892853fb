// What falls due by itself, and that every timer looks again: if late, doubled or pointless, it changes nothing more.
import type { ConfigInput } from '../../lambda/config.ts'
import type { Board } from '../../lambda/core/incident/board.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { ActionName } from '../../lambda/core/respond/actions/index.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { nextDue } from '../../lambda/core/due/due.ts'
import { quietDue } from '../../lambda/core/incident/recovery.ts'
import { alarm, clicked, kindsOf, later, minutes, onlyOn, play, recovery, rulesFor, T0 } from './incidents.ts'

const SERVICES = { api: { dependsOn: ['db'] }, db: {} }
const rulesWith = (rest: Partial<ConfigInput> = {}): Rules => rulesFor(SERVICES, rest)
const plain = rulesWith()
const escalating = rulesWith({
  escalation: [
    { afterSeconds: 300, notify: ['U0FIRST'] },
    { afterSeconds: 900, notify: ['S0TEAM'] },
  ],
})
const holding = rulesWith({ correlation: { holdSeconds: 120 } })
const flappy = rulesWith({ correlation: { flap: { changes: 4, withinSeconds: 3600 } } })

const click = (board: Board, rules: Rules, at: number, does: ActionName, choice?: string): Board =>
  clicked(board, rules, { at, do: does, incident: onlyOn(board).id, ...(choice && { choice }) }).board!

const fired = (rules: Rules): Board => play(rules, [alarm('api', 0)]).board
const recovered = (rules: Rules): Board => play(rules, [alarm('api', 0), recovery('api', 10)]).board
const flapping = (rules: Rules): Board =>
  play(rules, [alarm('api', 0), recovery('api', 1), alarm('api', 2), recovery('api', 3)]).board

const seen = (board: Board): [Incident['status'], string] => [onlyOn(board).status, kindsOf(onlyOn(board)).join(' ')]

describe('what is due', () => {
  test.each<[string, Board, Rules, number, Incident['status'], string]>([
    ['nothing while it fires', fired(plain), plain, 600, 'open', 'opened'],
    ['nothing before the grace is over', recovered(plain), plain, 14.9, 'open', 'opened'],
    ['the end, once everything stayed quiet', recovered(plain), plain, 15, 'resolved', 'opened resolved'],
    ['nothing while it is held', fired(holding), holding, 1.9, 'held', 'opened'],
    ['the hold is over', fired(holding), holding, 2, 'open', 'opened'],
    [
      'nothing while it is snoozed',
      click(fired(plain), plain, 1, 'snooze', '1h'),
      plain,
      60.9,
      'snoozed',
      'opened snoozed',
    ],
    ['the snooze is over', click(fired(plain), plain, 1, 'snooze', '1h'), plain, 61, 'open', 'opened snoozed woke'],
    [
      'the snooze of somebody who acknowledged it before is over',
      click(click(fired(plain), plain, 1, 'acknowledge'), plain, 2, 'snooze', '15m'),
      plain,
      17,
      'acknowledged',
      'opened acknowledged snoozed woke',
    ],
    [
      'a snooze hides no recovery',
      click(recovered(plain), plain, 11, 'snooze', '4h'),
      plain,
      15,
      'resolved',
      'opened snoozed resolved',
    ],
    ['nothing before the first step', fired(escalating), escalating, 4.9, 'open', 'opened'],
    ['the first step', fired(escalating), escalating, 5, 'open', 'opened escalated'],
    ['the second step', fired(escalating), escalating, 15, 'open', 'opened escalated escalated'],
    [
      'no step once somebody is on it',
      click(fired(escalating), escalating, 1, 'acknowledge'),
      escalating,
      60,
      'acknowledged',
      'opened acknowledged',
    ],
    [
      'no step while it is snoozed',
      click(fired(escalating), escalating, 1, 'snooze', '1h'),
      escalating,
      60,
      'snoozed',
      'opened snoozed',
    ],
    [
      'the steps begin anew when nobody is on it any more',
      click(click(fired(escalating), escalating, 1, 'acknowledge'), escalating, 20, 'unacknowledge'),
      escalating,
      25,
      'open',
      'opened acknowledged unacknowledged escalated',
    ],
    ['nothing while it flaps', flapping(flappy), flappy, 59, 'open', 'opened flapping'],
    ['the end, once it is steady', flapping(flappy), flappy, 60, 'resolved', 'opened flapping steady resolved'],
  ])('%s', (_, board, rules, at, status, kinds) => {
    expect(seen(later(board, rules, at))).toEqual([status, kinds])
  })
})

const BOARDS: [string, Board, Rules][] = [
  ['a recovered incident', recovered(plain), plain],
  ['a held one', fired(holding), holding],
  ['a snoozed one', click(fired(plain), plain, 1, 'snooze', '15m'), plain],
  ['one that nobody is on', fired(escalating), escalating],
  ['a flapping one', flapping(flappy), flappy],
]

describe('a timer that fires', () => {
  test.each(BOARDS)('twice changes nothing more: %s', (_, board, rules) => {
    const once = later(board, rules, 80)
    expect(later(once, rules, 80)).toEqual(once)
    expect(later(once, rules, 81)).toEqual(once)
  })

  test.each(BOARDS)('early changes nothing: %s', (_, board, rules) => {
    const due = nextDue(onlyOn(board), { board, rules })!
    expect(later(board, rules, (due - 1 - T0) / 60_000)).toEqual(board)
  })

  test.each(BOARDS)(
    'late, or at each moment on the way, ends in the same status at the same time: %s',
    (_, board, rules) => {
      let onTime = board
      for (let at = 0; at <= 80; at += 0.5) onTime = later(onTime, rules, at)
      const [late, stepped] = [onlyOn(later(board, rules, 80)), onlyOn(onTime)]
      expect([late.status, late.resolved, late.escalated]).toEqual([
        stepped.status,
        stepped.resolved,
        stepped.escalated,
      ])
      expect(late.timeline).toEqual(stepped.timeline)
    },
  )

  test.each(BOARDS)('leaves the board that it looked at as it was: %s', (_, board, rules) => {
    const before = structuredClone(board)
    later(board, rules, 80)
    expect(board).toEqual(before)
  })

  test('late says when it was due, not when it ran', () => {
    const { resolved, timeline } = onlyOn(later(recovered(plain), plain, 80))
    expect(resolved).toEqual({ at: T0 + minutes(15) })
    expect(timeline.at(-1)!.at).toBe(T0 + minutes(15))
  })
})

describe('an incident that flaps', () => {
  test('ends when it is steady, not before: the timeline stays in order', () => {
    const { resolved, timeline } = onlyOn(later(flapping(flappy), flappy, 60))
    expect(resolved!.at).toBe(T0 + minutes(60))
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort((a, b) => a - b))
  })

  test('promises the end for then', () => {
    expect(quietDue(onlyOn(flapping(flappy)), flappy.config)).toBe(T0 + minutes(60))
  })
})

describe('the next thing due', () => {
  test.each<[string, Board, Rules, number | undefined]>([
    ['nothing while it fires and nobody waits', fired(plain), plain, undefined],
    ['the end of the grace', recovered(plain), plain, 15],
    ['the end of the hold', fired(holding), holding, 2],
    ['the end of the snooze', click(fired(plain), plain, 1, 'snooze', '15m'), plain, 16],
    ['the first step', fired(escalating), escalating, 5],
    ['the second step after the first', later(fired(escalating), escalating, 5), escalating, 15],
    ['nothing after the last step', later(fired(escalating), escalating, 15), escalating, undefined],
    [
      'the end of the reopen window, and ten minutes for what comes late',
      later(recovered(plain), plain, 15),
      plain,
      15 + 70,
    ],
  ])('%s', (_, board, rules, at) => {
    expect(nextDue(onlyOn(board), { board, rules })).toBe(at === undefined ? undefined : T0 + minutes(at))
  })
})

test.each([20, 60, 90])('an escalation after %d seconds is not told of in wrong words', (afterSeconds) => {
  const rules = rulesWith({ escalation: [{ afterSeconds, notify: ['U0FIRST'] }] })
  expect(onlyOn(later(fired(rules), rules, 10)).timeline.at(-1)!.text).not.toMatch(/for (0|1) minutes/)
})
