// A held incident: nobody hears of it until the hold is over, because it may pass by itself or CloudWatch mutes its alarm.
import type { Clock } from '../due/clock.ts'
import type { Change } from '../incident/alarm.ts'
import type { Draft } from '../incident/draft.ts'

export const hold: Clock = ({ id, status, heldUntil }) =>
  status === 'held' ? [{ at: heldUntil ?? 0, act: (draft) => raise(draft, id, heldUntil ?? draft.now) }] : []

export function raise(draft: Draft, id: string, at: number): void {
  draft.move(id, 'raise', at)
  delete draft.edit(id).heldUntil
}

/** An alarm that CloudWatch does not hold back, or not for as long, shortens a hold that came from a mute rule. */
export function shorten(draft: Draft, id: string, change: Change): void {
  const incident = draft.edit(id)
  const until = change.quietUntil ?? incident.openedAt + draft.rules.config.correlation.holdSeconds * 1000
  if (incident.heldUntil !== undefined && until < incident.heldUntil) incident.heldUntil = until
}
