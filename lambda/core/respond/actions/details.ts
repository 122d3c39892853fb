// Shows what a runbook would do, with every call.
import { detailsView } from '../../notify/slack/run-dialog.ts'
import type { RunAction } from '../action.ts'

export const details: RunAction = {
  on: 'run',
  label: () => 'Details',
  may: 'everybody',
  shown: ({ status, plan }) => plan !== undefined && ['proposed', 'approved', 'running', 'verifying'].includes(status),
  dialog: detailsView,
  act: () => undefined,
}
