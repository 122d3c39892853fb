// What leaves the board, and when: incidents that are over, and the oldest lines of long timelines.
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { fileLines } from '../../../lambda/core/incident/leaving.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import { alarm, later, minutes, onlyOn, play, recovery, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor({ api: {} })
const DAY = 24 * 60
const ended = later(play(rules, [alarm('api', 0), recovery('api', 10)]).board, rules, 15)

/** Slack shows its end. */
function told(board: Board): Board {
  const incident = onlyOn(board)
  const slack: Incident['slack'] = { ts: '1.1', threaded: 0, shown: incident.change }
  return { ...board, incidents: { [incident.id]: { ...incident, slack } } }
}

const isThere = (board: Board, at: number): boolean => Object.keys(later(board, rules, at).incidents).length > 0

/** Minutes after which an incident whose end is shown is gone. */
let leaves = 15
while (isThere(told(ended), leaves)) leaves++

describe('an incident that is over', () => {
  test('stays while an alarm may reopen it, an hour and what comes late', () => {
    expect(leaves).toBeGreaterThan(15 + 60)
    expect(leaves).toBeLessThanOrEqual(15 + 60 + 10)
  })

  test('waits for Slack to show its end', () => {
    expect(isThere(ended, leaves)).toBe(true)
  })

  test('leaves a day later all the same', () => {
    expect(isThere(ended, leaves + DAY - 1)).toBe(true)
    expect(isThere(ended, leaves + DAY)).toBe(false)
  })

  test('is handed over whole', () => {
    const draft = draftOf(told(ended), rules, T0 + minutes(leaves))
    settle(draft)
    expect(draft.left).toEqual([onlyOn(told(ended))])
    expect(draft.isChanged()).toBe(true)
  })
})

describe('a long timeline', () => {
  const withLines = (count: number, filed = 0): Board => {
    const incident = onlyOn(ended)
    const timeline = Array.from({ length: count }, (_, i) => ({
      at: T0,
      kind: 'acknowledged' as const,
      text: `line ${filed + i}`,
    }))
    return { ...emptyBoard(), incidents: { [incident.id]: { ...incident, timeline, filed } } }
  }

  test('of 120 lines stays as it is', () => {
    const board = withLines(120)
    expect(fileLines(board)).toEqual({ board, lines: [] })
  })

  test('of more gives its oldest 60 away, and knows how many it gave', () => {
    const { board, lines } = fileLines(withLines(121, 60))
    const { filed, timeline } = onlyOn(board)
    expect([filed, timeline.length, timeline[0]!.text]).toEqual([120, 61, 'line 120'])
    expect(lines).toMatchObject([{ of: 'INC-0001', from: 60 }])
    expect(lines[0]!.entries.map(({ text }) => text)).toEqual(Array.from({ length: 60 }, (_, i) => `line ${60 + i}`))
  })
})
