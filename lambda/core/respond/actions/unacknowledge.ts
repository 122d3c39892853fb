// Nobody is on it any more: the escalation starts over.
import { isActive } from '../../incident/incident.ts'
import type { IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

export const unacknowledge: IncidentAction = {
  on: 'incident',
  label: 'Unacknowledge',
  may: 'everybody',
  shown: ({ status }) => status === 'acknowledged',
  act(draft, incident, { who }) {
    const { acknowledged } = incident
    if (isActive(incident) && !acknowledged) return `${incident.id} is not acknowledged by anybody.`
    if (!draft.move(incident.id, 'unacknowledge', draft.now)) return isOver(incident, draft.rules)
    const edited = draft.edit(incident.id)
    delete edited.acknowledged
    delete edited.snoozed
    const before =
      acknowledged && acknowledged.by.id !== who.id ? ` (acknowledged by ${acknowledged.by.name} before)` : ''
    const text = `${who.name} is no longer on it${before}`
    draft.note(incident.id, { at: draft.now, kind: 'unacknowledged', text, who })
    return undefined
  },
}
