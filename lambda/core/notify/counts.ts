// What was sent to Slack, for the log and the metrics.
import type { Counts } from '../watchdog/metrics.ts'
import type { Told } from './ledger.ts'
import type { Job } from './next-message.ts'

export const about = ({ do: does, of }: Job) => ({ incident: of, does })

/**
 * `firstAt`: when its first alarm changed, unset for what is no incident; `before`: what the place was told before; `now`: when Slack had it. All in
 * ms. A message that somebody deleted is posted again, much later: only the first post counts.
 */
export function countsOf(
  { do: does }: Job,
  { firstAt, before, now }: { firstAt: number | undefined; before: Told; now: number },
): Counts {
  if (does === 'update') return { SlackEdits: 1 }
  const isFirst = does === 'post' && firstAt !== undefined && before.as === undefined
  return { SlackPosts: 1, ...(isFirst && { SecondsToMessage: Math.max(0, now - firstAt) / 1000 }) }
}
