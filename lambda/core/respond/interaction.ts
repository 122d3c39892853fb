// What Slack says about a click or a dialog, made into an action; and the dialog that asks which service is not related.
import { ACTIONS, choiceOf, type Action, type ActionName } from './act.ts'
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import { cut } from '../words/words.ts'
import { flat } from '../notify/slack/mrkdwn.ts'
import type { Rules } from '../services/rules.ts'

export type Interaction =
  | { is: 'action'; who: Person; action: Action; responseUrl?: string; triggerId?: string }
  | { is: 'answer'; who: Person; action: Action; block: string }
  | { is: 'nothing' }

type Json = Record<string, unknown>
const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const CHOICE = 'service'

/** `body`: the form that Slack posts. Throws where it is not one. https://docs.slack.dev/reference/interaction-payloads */
export function readInteraction(body: string): Interaction {
  const payload = new URLSearchParams(body).get('payload')
  if (payload === null) return { is: 'nothing' }
  const message = record(JSON.parse(payload))
  const user = record(message['user'])
  const id = text(user['id'])
  if (id === undefined) return { is: 'nothing' }
  const who: Person = { id, name: cut(flat(text(user['name']) ?? text(user['username']) ?? id), 80) }
  if (message['type'] === 'block_actions') return readClick(message, who)
  if (message['type'] === 'view_submission') return readDialog(message, who)
  return { is: 'nothing' }
}

function readClick(message: Json, who: Person): Interaction {
  const click = record(Array.isArray(message['actions']) ? message['actions'][0] : undefined)
  const does = text(click['action_id'])
  const incident = /^(?:incident|run):(INC-\d{1,9})(?::[\w-]{1,40})?$/.exec(text(click['block_id']) ?? '')?.[1]
  if (incident === undefined || !isAction(does)) return { is: 'nothing' }
  const choice = text(record(click['selected_option'])['value']) ?? text(click['value'])
  const [responseUrl, triggerId] = [text(message['response_url']), text(message['trigger_id'])]
  return {
    is: 'action',
    who,
    action: { do: does, incident, ...(choice !== undefined && { choice }) },
    ...(responseUrl !== undefined && { responseUrl }),
    ...(triggerId !== undefined && { triggerId }),
  }
}

const isAction = (name: string | undefined): name is ActionName =>
  (ACTIONS as readonly (string | undefined)[]).includes(name)

function readDialog(message: Json, who: Person): Interaction {
  const view = record(message['view'])
  const incident = text(view['private_metadata'])
  if (view['callback_id'] !== 'unrelated' || incident === undefined) return { is: 'nothing' }
  const picked = record(record(record(record(record(view['state'])['values'])[CHOICE])[CHOICE])['selected_option'])
  const choice = text(picked['value'])
  return {
    is: 'answer',
    who,
    block: CHOICE,
    action: { do: 'unrelated', incident, ...(choice !== undefined && { choice }) },
  }
}

/** Slack: 100 options a menu, 75 characters an option's text. */
const OPTIONS_MOST = 100

export function unrelatedDialog(incident: Incident, rules: Rules): Record<string, unknown> {
  const options = Object.keys(incident.services)
    .slice(0, OPTIONS_MOST)
    .map((service) => ({ text: plain(cut(flat(rules.titleOf(service)) || 'unnamed', 75)), value: choiceOf(service) }))
  return {
    type: 'modal',
    callback_id: 'unrelated',
    private_metadata: incident.id,
    title: plain('Not related'),
    submit: plain('Take it out'),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: CHOICE,
        label: plain('Which service has nothing to do with it?'),
        hint: plain(`Its alarms leave ${incident.id} and become an incident of their own.`),
        element: { type: 'static_select', action_id: CHOICE, placeholder: plain('Choose a service'), options },
      },
    ],
  }
}

const plain = (words: string): Json => ({ type: 'plain_text', text: words, emoji: false })
