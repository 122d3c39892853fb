// It is over, whatever still fires.
import { isActive } from '../../incident/incident.ts'
import { plural } from '../../words/words.ts'
import type { IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

export const resolve: IncidentAction = {
  on: 'incident',
  label: 'Resolve',
  may: 'everybody',
  shown: isActive,
  act(draft, incident, { who }) {
    const { id, firing } = incident
    if (!draft.move(id, 'resolve', draft.now)) return isOver(incident, draft.rules)
    const edited = draft.edit(id)
    edited.resolved = { by: who, at: draft.now }
    delete edited.snoozed
    delete edited.heldUntil
    const stillFires = firing === 0 ? '' : ` while ${plural(firing, 'alarm')} ${firing === 1 ? 'fires' : 'fire'}`
    draft.note(id, { at: draft.now, kind: 'resolved', text: `Resolved by ${who.name}${stillFires}`, who })
    return undefined
  },
}
