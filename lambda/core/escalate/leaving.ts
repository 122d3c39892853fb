// What leaves the board: incidents that can no longer reopen, and the oldest lines of long timelines. They become items of their own.
import type { Config } from '../services/config.ts'
import type { Board } from '../incident/board.ts'
import type { Entry } from '../incident/timeline.ts'
import type { Incident } from '../incident/incident.ts'
import { leavesAt } from './due.ts'

export type Filed = { incident: Incident } | { of: string; from: number; entries: Entry[] }

/** A timeline longer than this gives its oldest lines away: many more than one batch can add, so that what goes was committed before. */
const LONGEST_TIMELINE = 120
const LINES_FILED = 60

/** How long an incident waits for Slack to show its end before it leaves all the same. */
const MOST_PATIENCE_MS = 86_400_000

export function fileAway(board: Board, config: Config, now: number): { board: Board; filed: Filed[] } {
  const filed: Filed[] = []
  const incidents = { ...board.incidents }
  for (const [id, incident] of Object.entries(board.incidents)) {
    if (hasLeft(incident, board, config, now)) {
      filed.push({ incident })
      delete incidents[id]
    } else if (incident.timeline.length > LONGEST_TIMELINE) {
      filed.push({ of: id, from: incident.filed, entries: incident.timeline.slice(0, LINES_FILED) })
      incidents[id] = {
        ...incident,
        timeline: incident.timeline.slice(LINES_FILED),
        filed: incident.filed + LINES_FILED,
      }
    }
  }
  return filed.length > 0 ? { board: { ...board, incidents }, filed } : { board, filed }
}

function hasLeft(incident: Incident, board: Board, config: Config, now: number): boolean {
  if (incident.mergedInto !== undefined)
    return !board.incidents[incident.mergedInto] && incident.slack.shown === incident.change
  const due = leavesAt(incident, config)
  if (due === undefined || due > now) return false
  const neverShown = incident.heldUntil !== undefined
  return neverShown || incident.slack.shown === incident.change || due + MOST_PATIENCE_MS <= now
}
