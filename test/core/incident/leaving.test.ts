// What leaves the board, and when: incidents that are over.
import type { Board } from '../../../lambda/core/incident/board.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { alarm, later, minutes, onlyOn, play, recovery, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor({ api: {} })
const ended = later(play(rules, [alarm('api', 0), recovery('api', 10)]).board, rules, 15)

const isThere = (board: Board, at: number): boolean => Object.keys(later(board, rules, at).incidents).length > 0

/** Minutes after which it is gone. */
let leaves = 15
while (isThere(ended, leaves)) leaves++

describe('an incident that is over', () => {
  test('stays while an alarm may reopen it, an hour and what comes late, and no longer: whatever was told of it', () => {
    expect(leaves).toBeGreaterThan(15 + 60)
    expect(leaves).toBeLessThanOrEqual(15 + 60 + 10)
  })

  test('is handed over whole', () => {
    const draft = draftOf(ended, rules, T0 + minutes(leaves))
    settle(draft)
    expect(draft.left).toEqual([onlyOn(ended)])
    expect(draft.isChanged()).toBe(true)
  })
})
