// Somebody is on it: nobody else is called.
import { isActive } from '../../incident/incident.ts'
import type { IncidentAction } from '../action.ts'
import { already, isOver } from '../refusals.ts'

export const acknowledge: IncidentAction = {
  on: 'incident',
  label: 'Acknowledge',
  style: 'primary',
  may: 'everybody',
  shown: (incident) => isActive(incident) && incident.status !== 'acknowledged',
  act(draft, incident, { who }) {
    const { now, rules } = draft
    if (incident.status === 'acknowledged') return already('acknowledged', incident.acknowledged, who, rules)
    if (!draft.move(incident.id, 'acknowledge', now)) return isOver(incident, rules)
    const edited = draft.edit(incident.id)
    edited.acknowledged = { by: who, at: now }
    delete edited.snoozed
    delete edited.heldUntil
    draft.note(incident.id, { at: now, kind: 'acknowledged', text: `Acknowledged by ${who.name}`, who })
    return undefined
  },
}
