// An incident that is told in a digest gets a message of its own.
import { isActive } from '../../incident/incident.ts'
import type { IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

export const open: IncidentAction = {
  on: 'incident',
  label: 'Open',
  may: 'everybody',
  shown: ({ digest }) => digest !== undefined,
  act: (draft, incident) =>
    incident.digest === undefined
      ? `${incident.id} has a message of its own already.`
      : isActive(incident)
        ? undefined
        : isOver(incident, draft.rules),
}
