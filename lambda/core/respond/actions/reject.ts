// A proposed runbook must not run in this incident.
import { moveRun } from '../../remediate/runs.ts'
import type { RunAction } from '../action.ts'
import { whereItIs } from '../refusals.ts'

export const reject: RunAction = {
  on: 'run',
  label: () => 'Reject',
  may: 'approvers',
  isSafe: true,
  shown: ({ status }) => status === 'proposed',
  act(draft, found, { who }) {
    const run = moveRun(draft, found, 'reject')
    if (!run) return whereItIs(found.run, draft.rules)
    Object.assign(run, { why: `rejected by ${who.name}`, endedAt: draft.now })
    const text = `${run.title}: rejected by ${who.name}`
    draft.note(found.incident.id, { at: draft.now, kind: 'rejected', text, who, run: run.id })
    return undefined
  },
}
