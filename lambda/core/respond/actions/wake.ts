// Ends a snooze: the incident is acknowledged or open, as it was before.
import { isActive } from '../../incident/incident.ts'
import type { IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

export const wake: IncidentAction = {
  on: 'incident',
  label: 'End snooze',
  may: 'everybody',
  shown: ({ status }) => status === 'snoozed',
  act(draft, incident, { who }) {
    const { id } = incident
    if (isActive(incident) && incident.status !== 'snoozed') return `${id} is not snoozed any more.`
    if (!draft.move(id, 'wake', draft.now)) return isOver(incident, draft.rules)
    if (incident.acknowledged) draft.move(id, 'acknowledge', draft.now)
    delete draft.edit(id).snoozed
    draft.note(id, { at: draft.now, kind: 'woke', text: `${who.name} ended the snooze`, who })
    return undefined
  },
}
