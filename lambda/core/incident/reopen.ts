// Reopens an incident because of an alarm.
import type { Draft } from './draft.ts'

export function refire(draft: Draft, id: string, at: number, why: string): void {
  if (!draft.move(id, 'refire', at)) return
  const incident = draft.edit(id)
  // A firing from before the resolution came in late: it only shows that the incident had not ended yet.
  if (incident.resolved && at > incident.resolved.at) incident.refiredAt = at
  delete incident.resolved
  delete incident.acknowledged
  // Whoever was called for the cause is called again if it is still theirs.
  delete incident.calls
  if (incident.causeAt !== undefined) incident.causeAt = draft.now
  delete incident.heldUntil
  draft.note(id, { at, kind: 'reopened', text: `Reopened: ${why}` })
}
