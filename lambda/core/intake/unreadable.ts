// Messages that could not be read: told in one Slack message with their count and the beginning of the last one.
import type { Draft } from '../incident/draft.ts'

export interface Sample {
  reason: string
  text: string
}

/** How many characters of a raw message are shown. */
const SHOWN = 180
/** After an hour without any, the next one starts a new Slack message. */
const NEW_LINE_AFTER_MS = 3_600_000

export const sampleOf = ({ body, reading }: { body: string; reading: { reason: string } }): Sample => ({
  reason: reading.reason,
  text: body.length > SHOWN ? `${body.slice(0, SHOWN)}…` : body,
})

export function markUnreadable({ board, now }: Draft, samples: readonly Sample[]): void {
  const last = samples.at(-1)
  if (!last) return
  const goingOn = board.unreadable && now - board.unreadable.last < NEW_LINE_AFTER_MS ? board.unreadable : undefined
  board.unreadable = {
    since: now,
    ...goingOn,
    count: (goingOn?.count ?? 0) + samples.length,
    last: now,
    reason: last.reason,
    sample: last.text,
  }
}
