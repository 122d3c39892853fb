// When an incident leaves the board: once it can no longer reopen.
import type { Clock } from '../due/clock.ts'
import type { Config } from '../services/config.ts'
import { isOnBoard } from './board.ts'
import type { Draft } from './draft.ts'
import type { Incident } from './incident.ts'

/** How long an incident waits for Slack to show that it is over before it leaves anyway. */
const MOST_PATIENCE_MS = 86_400_000

/** How much longer it stays on the board, for alarms that come in late. */
const LATE_MS = 10 * 60_000

/** When a resolved incident leaves the board, because not even a late alarm can reopen it any more. */
function leavesAt({ resolved }: Incident, config: Config): number | undefined {
  return resolved && resolved.at + config.correlation.reopenWindowSeconds * 1000 + LATE_MS
}

export const leaving: Clock = (incident, { board, rules }) => {
  const { id, slack, change, heldUntil, mergedInto, lastAt } = incident
  const isShown = slack.shown === change
  const act = (draft: Draft): void => draft.leave(id)
  if (mergedInto !== undefined) {
    if (isOnBoard(board, mergedInto)) return []
    return [isShown || slack.ts === undefined ? { act } : { at: lastAt + MOST_PATIENCE_MS, canWait: true, act }]
  }
  const at = leavesAt(incident, rules.config)
  if (at === undefined) return []
  const neverTold = heldUntil !== undefined
  return [neverTold || isShown ? { at, act } : { at: at + MOST_PATIENCE_MS, canWait: true, act }]
}
