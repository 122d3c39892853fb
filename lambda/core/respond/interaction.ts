// Turns what Slack sends for a click or a dialog into what somebody asks for.
import type { Ask } from './act.ts'
import { ACTIONS, isAction } from './actions/index.ts'
import type { Person } from '../incident/person.ts'
import { cut } from '../words/words.ts'
import { list, text, within, type Json } from '../json.ts'
import { flat } from '../notify/slack/mrkdwn.ts'

export type Interaction =
  | { is: 'action'; who: Person; ask: Ask; responseUrl?: string; triggerId?: string }
  | { is: 'answer'; who: Person; ask: Ask; block?: string }
  | { is: 'nothing' }

/** `body`: the form that Slack posts. Throws if its payload is not JSON. https://docs.slack.dev/reference/interaction-payloads */
export function readInteraction(body: string): Interaction {
  const payload = new URLSearchParams(body).get('payload')
  if (payload === null) return { is: 'nothing' }
  const message = within(JSON.parse(payload))
  const user = within(message['user'])
  const id = text(user['id'])
  if (id === undefined) return { is: 'nothing' }
  const who: Person = { id, name: cut(flat(text(user['name']) ?? text(user['username']) ?? id), 80) }
  if (message['type'] === 'block_actions') return readClick(message, who)
  if (message['type'] === 'view_submission') return readDialog(message, who)
  return { is: 'nothing' }
}

function readClick(message: Json, who: Person): Interaction {
  const click = within(list(message['actions'])[0])
  // A button for each of several things has the name of its action, and of the thing.
  const does = text(click['action_id'])?.split(':')[0]
  const incident = /^(?:incident|run):(INC-\d{1,9})(?::[\w-]{1,40})?$/.exec(text(click['block_id']) ?? '')?.[1]
  if (incident === undefined || !isAction(does)) return { is: 'nothing' }
  const choice = text(within(click['selected_option'])['value']) ?? text(click['value'])
  const [responseUrl, triggerId] = [text(message['response_url']), text(message['trigger_id'])]
  return {
    is: 'action',
    who,
    ask: { do: does, incident, ...(choice !== undefined && { choice }) },
    ...(responseUrl !== undefined && { responseUrl }),
    ...(triggerId !== undefined && { triggerId }),
  }
}

function readDialog(message: Json, who: Person): Interaction {
  const view = within(message['view'])
  const does = text(view['callback_id'])
  const [incident, run] = text(view['private_metadata'])?.split(' ') ?? []
  if (incident === undefined || !isAction(does)) return { is: 'nothing' }
  const action = ACTIONS[does]
  if (action.on === 'run' && action.dialog && run !== undefined)
    return { is: 'answer', who, ask: { do: does, incident, choice: run } }
  if (action.on !== 'incident' || !action.dialog) return { is: 'nothing' }
  const { block } = action.dialog
  const picked = within(within(within(within(within(view['state'])['values'])[block])[block])['selected_option'])
  const choice = text(picked['value'])
  return { is: 'answer', who, block, ask: { do: does, incident, ...(choice !== undefined && { choice }) } }
}
