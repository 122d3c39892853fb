// When an incident leaves the board: once it can no longer reopen. What it shows is told afterwards all the same, if that could not be done before.
import type { Clock } from '../due/clock.ts'
import type { Config } from '../services/config.ts'
import { isOnBoard } from './board.ts'
import type { Draft } from './draft.ts'
import type { Incident } from './incident.ts'

/** How much longer it stays on the board, for alarms that come in late. */
const LATE_MS = 10 * 60_000

/** When a resolved incident leaves the board, because not even a late alarm can reopen it any more. */
function leavesAt({ resolved }: Incident, config: Config): number | undefined {
  return resolved && resolved.at + config.correlation.reopenWindowSeconds * 1000 + LATE_MS
}

export const leaving: Clock = (incident, { board, rules }) => {
  const { id, mergedInto } = incident
  const act = (draft: Draft): void => draft.leave(id)
  if (mergedInto !== undefined) return isOnBoard(board, mergedInto) ? [] : [{ act }]
  const at = leavesAt(incident, rules.config)
  return at === undefined ? [] : [{ at, act }]
}
