// One service has nothing to do with the incident: its alarms become an incident of their own and go there from now on.
import { hash } from 'node:crypto'
import { blame, causesOf } from '../../correlate/cause.ts'
import { severityOf } from '../../correlate/severity.ts'
import type { Draft } from '../../incident/draft.ts'
import { isActive, type Incident } from '../../incident/incident.ts'
import type { Person } from '../../incident/person.ts'
import { plain } from '../../notify/slack/blocks.ts'
import { flat } from '../../notify/slack/mrkdwn.ts'
import type { Rules } from '../../services/rules.ts'
import { cut, enumerate, own } from '../../words/words.ts'
import type { Dialog, IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

/** Slack: 150 characters per option value, 100 options per menu, 75 characters per option text. */
const VALUE_MOST = 150
const OPTIONS_MOST = 100
const OPTION_MOST = 75

/** A service's value in the menu: its id or, if that is too long, the start of it and a hash. */
function choiceOf(service: string): string {
  if (service.length <= VALUE_MOST) return service
  return `${service.slice(0, VALUE_MOST - 18)}~${hash('sha256', service, 'base64url').slice(0, 16)}`
}

const BLOCK = 'service'

const dialog: Dialog = {
  block: BLOCK,
  view({ id, services }, rules) {
    const options = Object.keys(services)
      .slice(0, OPTIONS_MOST)
      .map((service) => ({
        text: plain(cut(flat(rules.titleOf(service)) || 'unnamed', OPTION_MOST)),
        value: choiceOf(service),
      }))
    const element = { type: 'static_select', action_id: BLOCK, placeholder: plain('Choose a service'), options }
    return {
      type: 'modal',
      callback_id: 'unrelated',
      private_metadata: id,
      title: plain('Not related'),
      submit: plain('Take it out'),
      close: plain('Cancel'),
      blocks: [
        {
          type: 'input',
          block_id: BLOCK,
          label: plain('Which service has nothing to do with it?'),
          hint: plain(`Its alarms leave ${id} and become an incident of their own.`),
          element,
        },
      ],
    }
  },
}

export const unrelated: IncidentAction = {
  on: 'incident',
  label: 'Not related…',
  may: 'everybody',
  shown: (incident) => isActive(incident) && Object.keys(incident.services).length > 1,
  dialog,
  act(draft, incident, { who, choice }) {
    const { rules } = draft
    const service = Object.keys(incident.services).find((id) => choiceOf(id) === choice) ?? choice
    if (service === undefined || !Object.hasOwn(incident.services, service))
      return whyNotThere(incident, service, rules)
    if (!isActive(incident)) return isOver(incident, rules)
    if (Object.keys(incident.services).length < 2) return `${incident.id} has only this service.`
    takeOut(draft, incident, service, who)
    return undefined
  },
}

function whyNotThere({ id, unrelated: taken }: Incident, service: string | undefined, rules: Rules): string {
  if (service === undefined) return `That service has no alarms in ${id}.`
  const to = own(taken, service)
  return to === undefined
    ? `${rules.titleOf(service)} has no alarms in ${id}.`
    : `${rules.titleOf(service)} was taken out of ${id} already: it is ${to} now.`
}

function takeOut(draft: Draft, incident: Incident, service: string, who: Person): void {
  const { rules, now } = draft
  const split = splitOff(draft, incident, service)
  const opened = `Opened: ${who.name} took ${rules.titleOf(service)} out of ${incident.id}`
  draft.note(split.id, { at: now, kind: 'opened', text: opened, who, service })

  const rest = draft.edit(incident.id)
  delete rest.services[service]
  rest.firing -= split.firing
  rest.unrelated = { ...rest.unrelated, [service]: split.id }
  split.unrelated = Object.fromEntries(Object.keys(rest.services).map((other) => [other, incident.id]))
  const cause = causesOf(rest, rules)[0]?.service
  if (cause !== undefined) blame(draft, incident.id, cause)
  const left = enumerate(Object.keys(rest.services).map(rules.titleOf))
  const text = `${who.name}: ${rules.titleOf(service)} is not related; its alarms are ${split.id} now. What is left: ${left}`
  draft.note(incident.id, { at: now, kind: 'split', text, who, service })
}

/** A new incident of that one service, with what was known about it. */
function splitOff(draft: Draft, incident: Incident, service: string): Incident {
  const member = incident.services[service]!
  const tallies = Object.values(member)
  const split = draft.open(Math.min(...tallies.map(({ from }) => from)))
  draft.move(split.id, 'raise', draft.now)
  split.services[service] = member
  split.firing = tallies.reduce((sum, { firing }) => sum + firing, 0)
  split.lastAt = incident.lastAt
  if (incident.quietSince !== undefined) split.quietSince = incident.quietSince
  split.severity = severityOf(split.services, draft.rules)
  blame(draft, split.id, service)
  return split
}
