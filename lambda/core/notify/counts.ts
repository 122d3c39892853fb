// What was sent to Slack, for the log and the metrics.
import type { Board } from '../incident/board.ts'
import type { Counts } from '../watchdog/metrics.ts'
import type { Job } from './next-message.ts'

export const about = ({ do: does, of }: Job) => ({ incident: of, does })

/** `now`: when Slack had it, in ms. */
export function countsOf(board: Board, { do: does, of }: Job, now: number): Counts {
  if (does === 'update') return { SlackEdits: 1 }
  const incident = does === 'post' ? board.incidents[of] : undefined
  // A message that somebody deleted is posted again, much later; only the first post counts.
  const isFirst = incident !== undefined && incident.slack.as === undefined
  return { SlackPosts: 1, ...(isFirst && { SecondsToMessage: Math.max(0, now - incident.firstAt) / 1000 }) }
}
