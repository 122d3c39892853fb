// What a click means in each status, that it acts once, and what the second person is told.
import type { ConfigInput } from '../../../lambda/config.ts'
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import type { Status } from '../../../lambda/core/incident/status.ts'
import { ACTIONS, type ActionName as AnyAction } from '../../../lambda/core/respond/actions/index.ts'
import {
  alarm,
  ANA,
  BEN,
  clicked,
  later,
  minutes,
  onlyOn,
  play,
  recovery,
  rulesFor,
  T0,
  type Answer,
} from '../incidents.ts'
import { containing, matching } from '../matchers.ts'

/** Actions on runbooks have their own tests. */
type ActionName = Exclude<
  AnyAction,
  'approve' | 'reject' | 'details' | 'dry-run' | 'do-left' | 'stop-all' | 'start-all'
>

const SERVICES: ConfigInput['services'] = { api: { title: 'API', dependsOn: ['db'] }, db: { title: 'Database' } }
const rules = rulesFor(SERVICES, { correlation: { holdSeconds: 600 } })

const press = (board: Board, does: ActionName, who = ANA, choice?: string, at = 30): Answer =>
  clicked(board, rules, { at, who, do: does, incident: onlyOn(board).id, ...(choice && { choice }) })
const pressed = (board: Board, does: ActionName, choice?: string): Board => press(board, does, BEN, choice, 20).board!

const held = play(rules, [alarm('api', 0), alarm('api', 1, { name: 'api/x' })]).board
const open = later(play(rules, [alarm('api', 0), alarm('db', 1)]).board, rules, 15)
const quiet = later(
  play(rules, [alarm('api', 0), alarm('db', 1), recovery('api', 12), recovery('db', 12)]).board,
  rules,
  15,
)
const merged: Board = {
  ...open,
  incidents: { 'INC-0001': { ...onlyOn(open), status: 'merged', mergedInto: 'INC-0007' } },
}
const BOARDS: Record<Status, Board> = {
  held,
  open,
  acknowledged: pressed(open, 'acknowledge'),
  snoozed: pressed(open, 'snooze', '1h'),
  resolved: pressed(open, 'resolve'),
  merged,
}
const CHOICE: Partial<Record<ActionName, string>> = { snooze: '1h', unrelated: 'db' }

const OWN_MESSAGE = /^INC-0001 has a message of its own already\.$/

/** The status after Ana's click, or what she is told instead. If somebody clicked before, it was Ben at 14:20. */
const TABLE: Record<Status, Record<ActionName, Status | RegExp>> = {
  held: {
    open: OWN_MESSAGE,
    acknowledge: 'acknowledged',
    unacknowledge: /not acknowledged by anybody/,
    snooze: 'snoozed',
    wake: /INC-0001 is not snoozed/,
    resolve: 'resolved',
    reopen: /INC-0001 is open already/,
    unrelated: /Database has no alarms in INC-0001/,
  },
  open: {
    open: OWN_MESSAGE,
    acknowledge: 'acknowledged',
    unacknowledge: /INC-0001 is not acknowledged by anybody/,
    snooze: 'snoozed',
    wake: /INC-0001 is not snoozed/,
    resolve: 'resolved',
    reopen: /INC-0001 is open already/,
    unrelated: 'open',
  },
  acknowledged: {
    open: OWN_MESSAGE,
    acknowledge: /^Ben has acknowledged it already, at 14:20 UTC\.$/,
    unacknowledge: 'open',
    snooze: 'snoozed',
    wake: /INC-0001 is not snoozed/,
    resolve: 'resolved',
    reopen: /INC-0001 is open already/,
    unrelated: 'acknowledged',
  },
  snoozed: {
    open: OWN_MESSAGE,
    acknowledge: 'acknowledged',
    unacknowledge: /INC-0001 is not acknowledged by anybody/,
    snooze: /^Ben has snoozed INC-0001 until 15:20 UTC already\.$/,
    wake: 'open',
    resolve: 'resolved',
    reopen: /INC-0001 is open already/,
    unrelated: 'snoozed',
  },
  resolved: {
    open: OWN_MESSAGE,
    acknowledge: /^Ben has resolved INC-0001 already, at 14:20 UTC\.$/,
    unacknowledge: /^Ben has resolved INC-0001 already/,
    snooze: /^Ben has resolved INC-0001 already/,
    wake: /^Ben has resolved INC-0001 already/,
    resolve: /^Ben has resolved INC-0001 already/,
    reopen: 'open',
    unrelated: /^Ben has resolved INC-0001 already/,
  },
  merged: Object.fromEntries(
    (Object.keys(ACTIONS) as AnyAction[]).map((name) => [name, /INC-0001 is part of INC-0007 now/]),
  ) as Record<ActionName, RegExp>,
}

const CASES = Object.entries(TABLE).flatMap(([status, row]) =>
  Object.entries(row).map(([name, result]) => [status as Status, name as ActionName, result] as const),
)

describe('a click', () => {
  test.each(CASES)('on an incident that is %s, %s: %s', (status, name, result) => {
    const { board, told } = press(BOARDS[status], name, ANA, CHOICE[name])
    if (result instanceof RegExp) expect([board, told]).toEqual([undefined, matching(result)])
    else expect([told, onlyOn(board!).status]).toEqual([undefined, result])
  })

  test.each(CASES.filter(([, , result]) => !(result instanceof RegExp)))(
    'acts once: on an incident that is %s, %s',
    (status, name) => {
      const first = press(BOARDS[status], name, ANA, CHOICE[name])
      const again = press(first.board!, name, ANA, CHOICE[name])
      expect(again.board).toBeUndefined()
      expect(again.told).toMatch(/\w/)
    },
  )

  test.each(CASES)('leaves the board it looked at as it was: %s, %s', (status, name) => {
    const before = structuredClone(BOARDS[status])
    press(BOARDS[status], name, ANA, CHOICE[name])
    expect(BOARDS[status]).toEqual(before)
  })

  test.each(Object.keys(ACTIONS) as ActionName[])('%s on an incident that nobody knows says so', (name) => {
    const answer = clicked(emptyBoard(), rules, { do: name, incident: 'INC-9999' })
    expect(answer).toEqual({ told: containing('INC-9999 is not known') })
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'on the incident %s, which every object has, is refused too',
    (incident) => {
      expect(clicked(open, rules, { do: 'acknowledge', incident }).told).toContain('is not known')
    },
  )
})

describe('who was first', () => {
  test('is told to the second, with the time where the team is', () => {
    const zurich = rulesFor(SERVICES, { timeZone: 'Europe/Zurich' })
    const answer = clicked(BOARDS.acknowledged, zurich, { at: 30, do: 'acknowledge', incident: 'INC-0001' })
    expect(answer.told).toBe('Ben has acknowledged it already, at 16:20 CEST.')
  })

  test('is told to the first as well', () => {
    expect(press(BOARDS.acknowledged, 'acknowledge', BEN).told).toBe('You have acknowledged it already, at 14:20 UTC.')
  })

  test('was nobody where it resolved by itself', () => {
    const over = later(quiet, rules, 20)
    expect(press(over, 'acknowledge').told).toBe('INC-0001 resolved by itself at 14:17 UTC.')
  })
})

describe('what a click leaves behind', () => {
  test.each<[ActionName, Status, string]>([
    ['acknowledge', 'open', 'Acknowledged by Ana'],
    ['unacknowledge', 'acknowledged', 'Ana is no longer on it (acknowledged by Ben before)'],
    ['snooze', 'open', 'Snoozed by Ana until 15:30 UTC'],
    ['wake', 'snoozed', 'Ana ended the snooze'],
    ['resolve', 'open', 'Resolved by Ana while 2 alarms fire'],
    ['reopen', 'resolved', 'Reopened by Ana'],
    ['unrelated', 'open', 'Ana: Database is not related; its alarms are INC-0002 now. What is left: API'],
  ])('%s: a line in the timeline', (name, status, text) => {
    const incident = onlyOn(press(BOARDS[status], name, ANA, CHOICE[name]).board!)
    expect(incident.timeline.at(-1)).toMatchObject({ at: T0 + minutes(30), text })
  })

  test('a resolved incident stays resolved while its alarms fire; a reopened one stays open while they are quiet', () => {
    expect(later(BOARDS.resolved, rules, 60).incidents['INC-0001']!.status).toBe('resolved')
    const reopened = press(later(quiet, rules, 20), 'reopen').board!
    expect(later(reopened, rules, 600).incidents['INC-0001']!.status).toBe('open')
  })

  test('an incident that a person woke or gave back is not said to be snoozed or acknowledged any more', () => {
    const back = onlyOn(press(BOARDS.acknowledged, 'unacknowledge').board!)
    const woken = onlyOn(press(BOARDS.snoozed, 'wake').board!)
    expect([back.acknowledged, woken.snoozed, back.escalated]).toEqual([undefined, undefined, 0])
    expect(back.waitingSince).toBe(T0 + minutes(30))
  })

  test('whoever reopens what was over before anybody was told has it told', () => {
    const short = later(play(rules, [alarm('api', 0), recovery('api', 1)]).board, rules, 10)
    expect(onlyOn(short)).toMatchObject({ status: 'resolved', heldUntil: T0 + minutes(10) })
    expect(onlyOn(press(short, 'reopen').board!)).not.toHaveProperty('heldUntil')
  })
})
