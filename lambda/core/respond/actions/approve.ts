// A proposed runbook may run: once enough people have approved it, its execution is ordered.
import { questionView } from '../../notify/slack/run-dialog.ts'
import { whyBarred } from '../../remediate/bounds.ts'
import { editRun, order } from '../../remediate/runs.ts'
import { whyNotNeeded, withdraw } from '../../remediate/withdraw.ts'
import type { RunAction } from '../action.ts'
import { whereItIs } from '../refusals.ts'

export const approve: RunAction = {
  on: 'run',
  label: ({ destructive }) => (destructive ? 'Approve…' : 'Approve'),
  style: 'primary',
  may: 'approvers',
  shown: ({ status }) => status === 'proposed',
  // A dialog of its own: Slack cuts what a confirmation says after 300 characters.
  dialog: (shown) => (shown.run.destructive ? questionView(shown) : undefined),
  act(draft, found, { who }) {
    const { run, incident } = found
    if (run.status !== 'proposed') return whereItIs(run, draft.rules)
    const recovered = whyNotNeeded(found, draft.rules)
    if (recovered !== undefined) {
      withdraw(draft, found, recovered)
      return `Nothing was run: ${recovered}.`
    }
    if (run.approvals.some(({ by }) => by.id === who.id)) return `You have approved it already; it needs ${run.needed}.`
    if (run.destructive && run.needed > 1 && run.askedBy?.id === who.id)
      return 'You asked for it, and it removes something: two others have to approve it.'
    const barred = whyBarred(draft, run, run.lock ?? '')
    if (barred !== undefined) return `Nothing was run: ${barred}.`
    const edited = editRun(draft, found)
    edited.approvals = [...run.approvals, { by: who, at: draft.now }]
    const has = edited.approvals.length
    const text = `${run.title}: approved by ${who.name}${run.needed > 1 ? ` (${has} of ${run.needed})` : ''}`
    draft.note(incident.id, { at: draft.now, kind: 'approved', text, who, run: run.id })
    if (has >= run.needed) order(draft, { incident: draft.get(incident.id), run: edited })
    return undefined
  },
}
