// What leaves the board to become items of its own: incidents that can no longer reopen, and the oldest entries of long timelines.
import type { Clock } from '../due/clock.ts'
import type { Config } from '../services/config.ts'
import type { Board } from './board.ts'
import type { Draft } from './draft.ts'
import type { Incident } from './incident.ts'
import type { Entry } from './timeline.ts'

/** How long an incident waits for Slack to show that it is over before it leaves anyway. */
const MOST_PATIENCE_MS = 86_400_000

/** How much longer it stays on the board, for alarms that come in late. */
const LATE_MS = 10 * 60_000

/** When a resolved incident leaves the board, because not even a late alarm can reopen it any more. */
function leavesAt({ resolved }: Incident, config: Config): number | undefined {
  return resolved && resolved.at + config.correlation.reopenWindowSeconds * 1000 + LATE_MS
}

export const leaving: Clock = (incident, { board, rules }) => {
  const { id, slack, change, heldUntil, mergedInto } = incident
  const isShown = slack.shown === change
  if (mergedInto !== undefined)
    return isShown && !board.incidents[mergedInto] ? [{ act: (draft) => draft.leave(id) }] : []
  const at = leavesAt(incident, rules.config)
  if (at === undefined) return []
  const neverTold = heldUntil !== undefined
  const act = (draft: Draft): void => draft.leave(id)
  return [neverTold || isShown ? { at, act } : { at: at + MOST_PATIENCE_MS, canWait: true, act }]
}

export interface FiledLines {
  of: string
  /** How many were filed before these. */
  from: number
  entries: Entry[]
}

/** A longer timeline files its oldest entries. One batch adds far fewer than this, so whatever is filed was committed before. */
const LONGEST_TIMELINE = 120
const LINES_FILED = 60

export function fileLines(board: Board): { board: Board; lines: FiledLines[] } {
  const long = Object.values(board.incidents).filter(({ timeline }) => timeline.length > LONGEST_TIMELINE)
  if (long.length === 0) return { board, lines: [] }
  const shorter = long.map(({ timeline, filed, ...incident }) => ({
    ...incident,
    timeline: timeline.slice(LINES_FILED),
    filed: filed + LINES_FILED,
  }))
  return {
    board: {
      ...board,
      incidents: { ...board.incidents, ...Object.fromEntries(shorter.map((incident) => [incident.id, incident])) },
    },
    lines: long.map(({ id, filed, timeline }) => ({ of: id, from: filed, entries: timeline.slice(0, LINES_FILED) })),
  }
}
