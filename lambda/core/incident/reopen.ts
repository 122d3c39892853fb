// Turns of an incident that alarms make, not people: it fires again, it is no longer held back.
import type { Draft } from './draft.ts'

export function refire(draft: Draft, id: string, at: number, why: string): void {
  if (!draft.move(id, 'refire', at)) return
  const incident = draft.edit(id)
  delete incident.resolved
  delete incident.acknowledged
  delete incident.heldUntil
  draft.note(id, at, 'reopened', `Reopened: ${why}`)
}

export function raise(draft: Draft, id: string, at: number): void {
  draft.move(id, 'raise', at)
  delete draft.edit(id).heldUntil
}
