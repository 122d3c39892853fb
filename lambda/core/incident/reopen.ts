// An alarm fires again: its incident goes on.
import type { Draft } from './draft.ts'

export function refire(draft: Draft, id: string, at: number, why: string): void {
  if (!draft.move(id, 'refire', at)) return
  const incident = draft.edit(id)
  // What came late only shows that it had not ended.
  if (incident.resolved && at > incident.resolved.at) incident.refiredAt = at
  delete incident.resolved
  delete incident.acknowledged
  delete incident.heldUntil
  draft.note(id, { at, kind: 'reopened', text: `Reopened: ${why}` })
}
