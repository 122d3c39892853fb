// Turns the switch back: runbooks may run again.
import { historyOf } from '../../remediate/runs.ts'
import type { SwitchAction } from '../action.ts'

export const startAll: SwitchAction = {
  on: 'all runs',
  label: 'Let runbooks run again',
  may: 'approvers',
  shown: (_run, { stopped, isLast }) => isLast && stopped !== undefined,
  act(draft, incident, { who }) {
    const { board, now } = draft
    if (!board.remediation?.stopped) return 'Runbooks may run: nobody has stopped them.'
    board.remediation = { history: historyOf(board) }
    draft.note(incident.id, { at: now, kind: 'stopped', text: `${who.name} lets runbooks run again`, who })
    return undefined
  },
}
