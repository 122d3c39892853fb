// Looks again at what a runbook would do, even if the run was withdrawn or has expired.
import { moveRun } from '../../remediate/runs.ts'
import type { RunAction } from '../action.ts'
import { whereItIs } from '../refusals.ts'

export const dryRun: RunAction = {
  on: 'run',
  label: ({ status }) => (status === 'proposed' ? 'Dry run again' : 'Look again'),
  may: 'everybody',
  shown: ({ status }) => status === 'proposed' || status === 'withdrawn' || status === 'expired',
  act(draft, found, { who }) {
    const { now, rules } = draft
    if (rules.config.remediation.stopped) return 'Runbooks are switched off in the config (remediation.stopped).'
    const run = moveRun(draft, found, 'look-again')
    if (!run) return whereItIs(found.run, rules)
    run.attempt += 1
    Object.assign(run, { orderedAt: now, createdAt: now, approvals: [], askedBy: run.askedBy ?? who })
    // A person asked only to look: it must not run by itself.
    run.mode = 'suggest'
    for (const key of ['why', 'endedAt', 'proposedAt'] as const) delete run[key]
    return undefined
  },
}
