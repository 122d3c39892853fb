// Turns what Slack sends for a click or a dialog into what somebody asks for.
import type { Ask } from './act.ts'
import { ACTIONS, isAction } from './actions/index.ts'
import type { Person } from '../incident/person.ts'
import { cut } from '../words/words.ts'
import { list, text, within, type Json } from '../json.ts'
import { flat } from '../notify/slack/mrkdwn.ts'

/** Which app in which workspace Tocsin is, as `slack connect` found out. What is unset is not known. */
export interface Installation {
  app?: string
  team?: string
  /** The organization, if the workspace is part of one. */
  enterprise?: string
}

export type Interaction =
  | { is: 'action'; who: Person; ask: Ask; responseUrl?: string; triggerId?: string }
  | { is: 'answer'; who: Person; ask: Ask; block?: string }
  /** Signed by Slack, and not for us. */
  | { is: 'foreign'; why: string }
  | { is: 'nothing' }

/** `body`: the form that Slack posts. Throws if its payload is not JSON. https://docs.slack.dev/reference/interaction-payloads */
export function readInteraction(body: string, home: Installation = {}): Interaction {
  const payload = new URLSearchParams(body).get('payload')
  if (payload === null) return { is: 'nothing' }
  const message = within(JSON.parse(payload))
  const user = within(message['user'])
  const id = text(user['id'])
  if (id === undefined || !/^[^<>|&\p{Cc}]{1,64}$/u.test(id)) return { is: 'nothing' }
  const why = foreign(message, home)
  if (why !== undefined) return { is: 'foreign', why }
  const name = cut(flat(text(user['name']) ?? text(user['username']) ?? id), 80)
  const who: Person = { id, name: isPartner(user, message, home) ? `${name} (of another workspace)` : name }
  if (message['type'] === 'block_actions') return readClick(message, who)
  if (message['type'] === 'view_submission') return readDialog(message, who)
  return { is: 'nothing' }
}

/** Where an app is installed in a whole organization, any of its workspaces is home. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function isHome(team: string | undefined, message: Json, home: Installation): boolean {
  const enterprise = text(within(message['enterprise'])['id'])
  return team === undefined || team === home.team || (home.enterprise !== undefined && enterprise === home.enterprise)
}

/** The workspace of the click is that of Tocsin or, in a channel that several share, that of the person. */
function foreign(message: Json, home: Installation): string | undefined {
  const [app, team] = [text(message['api_app_id']), text(within(message['team'])['id'])]
  if (home.app !== undefined && app !== undefined && app !== home.app) return `the app is ${cut(app, 40)}`
  const isPartners = team === text(within(message['user'])['team_id'])
  if (home.team === undefined || isHome(team, message, home) || isPartners) return undefined
  return `the workspace is ${cut(String(team), 40)}`
}

const isPartner = (user: Json, message: Json, home: Installation): boolean =>
  home.team !== undefined && !isHome(text(user['team_id']), message, home)

function readClick(message: Json, who: Person): Interaction {
  const click = within(list(message['actions'])[0])
  // A button for each of several things has the name of its action, and of the thing.
  const does = text(click['action_id'])?.split(':')[0]
  const incident = /^(?:incident|run):(INC-\d{1,9})(?::[\w-]{1,40})?$/.exec(bounded(click['block_id']) ?? '')?.[1]
  if (incident === undefined || !isAction(does)) return { is: 'nothing' }
  const choice = bounded(within(click['selected_option'])['value']) ?? bounded(click['value'])
  const at = microsIn(click['action_ts'])
  const [responseUrl, triggerId] = [text(message['response_url']), text(message['trigger_id'])]
  return {
    is: 'action',
    who,
    ask: { do: does, incident, ...(choice !== undefined && { choice }), ...(at !== undefined && { at }) },
    ...(responseUrl !== undefined && { responseUrl }),
    ...(triggerId !== undefined && { triggerId }),
  }
}

function readDialog(message: Json, who: Person): Interaction {
  const view = within(message['view'])
  const does = text(view['callback_id'])
  const [incident, run] = bounded(view['private_metadata'])?.split(' ') ?? []
  if (incident === undefined || !INCIDENT.test(incident) || !isAction(does)) return { is: 'nothing' }
  const action = ACTIONS[does]
  if (action.on === 'run' && action.dialog && run !== undefined)
    return { is: 'answer', who, ask: { do: does, incident, choice: run } }
  if (action.on !== 'incident' || !action.dialog) return { is: 'nothing' }
  const { block } = action.dialog
  const picked = within(within(within(within(within(view['state'])['values'])[block])[block])['selected_option'])
  const choice = bounded(picked['value'])
  return { is: 'answer', who, block, ask: { do: does, incident, ...(choice !== undefined && { choice }) } }
}

/** Slack's timestamps are seconds with six digits behind the point: `1714660750.000100`. In µs, which a number holds exactly. */
function microsIn(value: unknown): number | undefined {
  const [, seconds, rest] = /^(\d{1,10})\.(\d{6})$/.exec(bounded(value) ?? '') ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1_000_000 + Number(rest)
}

const INCIDENT = /^INC-\d{1,9}$/

/** Slack: 255 characters for an id, 150 for the value of an option. What is longer is not from one of our messages. */
const LONGEST = 300

function bounded(value: unknown): string | undefined {
  const words = text(value)
  return words !== undefined && words.length <= LONGEST ? words : undefined
}
