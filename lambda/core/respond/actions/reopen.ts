// It is not over after all.
import { beginAgain } from '../../incident/reopen.ts'
import type { IncidentAction } from '../action.ts'

export const reopen: IncidentAction = {
  on: 'incident',
  label: 'Reopen',
  may: 'everybody',
  shown: ({ status }) => status === 'resolved',
  act(draft, { id }, { who }) {
    if (!draft.move(id, 'reopen', draft.now)) return `${id} is open already.`
    const edited = draft.edit(id)
    beginAgain(edited, draft.now)
    // Otherwise it would resolve again at once: it stays open until an alarm changes or a person resolves it.
    delete edited.quietSince
    draft.note(id, { at: draft.now, kind: 'reopened', text: `Reopened by ${who.name}`, who })
    return undefined
  },
}
