// What leaves the board, and when: incidents that are over.
import type { Board } from '../../../lambda/core/incident/board.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { settle } from '../../../lambda/core/due/due.ts'
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
