// The one switch: no runbook begins until somebody lets them run again, and a run under way ends after its current step.
import { isUnderWay } from '../../incident/run.ts'
import { historyOf } from '../../remediate/runs.ts'
import { clock } from '../../words/words.ts'
import type { SwitchAction } from '../action.ts'

export const stopAll: SwitchAction = {
  on: 'all runs',
  label: 'Stop all runbooks',
  style: 'danger',
  may: 'approvers',
  isSafe: true,
  shown: (run, { stopped, isLast }) => isLast && !stopped && (isUnderWay(run) || run.status === 'proposed'),
  confirm: {
    title: 'Stop all runbooks?',
    text: 'Those running stop after their current step; nothing begins until somebody lets them run again.',
    yes: 'Stop all',
    no: 'No',
  },
  act(draft, incident, { who }) {
    const { board, now, rules } = draft
    const { stopped } = board.remediation ?? {}
    if (stopped)
      return `${stopped.by.id === who.id ? 'You have' : `${stopped.by.name} has`} stopped them already, at ${clock(stopped.at, rules.config.timeZone)}.`
    board.remediation = { history: historyOf(board), stopped: { by: who, at: now } }
    const text = `${who.name} stopped all runbooks: those running stop after their current step`
    draft.note(incident.id, { at: now, kind: 'stopped', text, who })
    return undefined
  },
}
