// Reopens an incident because of an alarm, and what that means whoever does it.
import type { Draft } from './draft.ts'
import type { Incident } from './incident.ts'

export function refire(draft: Draft, id: string, at: number, why: string): void {
  if (!draft.move(id, 'refire', at)) return
  const incident = draft.edit(id)
  // A firing from before the resolution came in late: it only shows that the incident had not ended yet.
  if (incident.resolved && at > incident.resolved.at) incident.refiredAt = at
  beginAgain(incident, draft.now)
  draft.note(id, { at, kind: 'reopened', text: `Reopened: ${why}` })
}

/** Nobody is on it any more, and whoever was called for the cause is called again if it is still theirs. `now`: in ms. */
export function beginAgain(incident: Incident, now: number): void {
  delete incident.resolved
  delete incident.acknowledged
  delete incident.heldUntil
  delete incident.calls
  if (incident.causeAt !== undefined) incident.causeAt = now
}
