// What can be done with an incident in each of its states.
import type { Block } from './blocks.ts'
import type { Incident } from '../../incident/incident.ts'

export const SNOOZES = { '15m': '15 minutes', '1h': '1 hour', '4h': '4 hours', morning: 'until morning' } as const

export type Snooze = keyof typeof SNOOZES

export function actions(incident: Incident): Block[] {
  const elements = elementsOf(incident)
  return elements.length > 0 ? [{ type: 'actions', block_id: `incident:${incident.id}`, elements }] : []
}

function elementsOf(incident: Incident): Record<string, unknown>[] {
  const { status } = incident
  if (status === 'resolved') return [button('reopen', 'Reopen')]
  const several = Object.keys(incident.services).length > 1
  return [
    status === 'acknowledged'
      ? button('unacknowledge', 'Unacknowledge')
      : button('acknowledge', 'Acknowledge', 'primary'),
    status === 'snoozed' ? button('wake', 'End snooze') : snoozeMenu(),
    button('resolve', 'Resolve'),
    ...(several ? [button('unrelated', 'Not related…')] : []),
  ]
}

const button = (action: string, label: string, style?: 'primary'): Record<string, unknown> => ({
  type: 'button',
  action_id: action,
  text: { type: 'plain_text', text: label },
  ...(style && { style }),
})

const snoozeMenu = (): Record<string, unknown> => ({
  type: 'static_select',
  action_id: 'snooze',
  placeholder: { type: 'plain_text', text: 'Snooze' },
  options: Object.entries(SNOOZES).map(([value, label]) => ({ text: { type: 'plain_text', text: label }, value })),
})
