// What does this click mean? A person, an action, an incident: what becomes of it, and what the person is told if they were not the first.
import { hash } from 'node:crypto'
import { draftOf, type Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import type { Board } from '../incident/board.ts'
import type { Person } from '../incident/person.ts'
import { SNOOZES, type Snooze } from '../notify/slack/buttons.ts'
import { clock, enumerate, own } from '../words/words.ts'
import { nextMorning } from './morning.ts'
import type { Rules } from '../services/rules.ts'
import { causesOf } from '../correlate/cause.ts'
import { severityOf } from '../correlate/severity.ts'
import { approve, dryRun, reject, startAll, stopAll } from '../remediate/approve.ts'
import type { Found } from '../remediate/runs.ts'

export const ACTIONS = [
  'acknowledge',
  'unacknowledge',
  'snooze',
  'wake',
  'resolve',
  'reopen',
  'unrelated',
  'approve',
  'reject',
  'dry-run',
  'stop-all',
  'start-all',
] as const
export type ActionName = (typeof ACTIONS)[number]

export interface Action {
  do: ActionName
  incident: string
  /** `snooze`: for how long. `unrelated`: which service. `approve`, `reject`, `dry-run`: which run; by default the newest that waits. */
  choice?: string
}

/** Slack: 150 characters the value of an option. */
const VALUE_MOST = 150

/** How a service stands in a menu: its id, or where that is too long, its beginning and a sum of it. */
export function choiceOf(service: string): string {
  if (service.length <= VALUE_MOST) return service
  return `${service.slice(0, VALUE_MOST - 18)}~${hash('sha256', service, 'base64url').slice(0, 16)}`
}

/** `told`: only for the person who clicked. `board` unset: nothing changed. */
export interface Answer {
  board?: Board
  touched?: ReadonlySet<string>
  told?: string
}

const SNOOZE_MS: Record<Exclude<Snooze, 'morning'>, number> = { '15m': 900_000, '1h': 3_600_000, '4h': 14_400_000 }

/** Pure. `now` in ms. `isApprover`: whether this person may decide on runbooks. */
export function act(board: Board, action: Action, who: Person, rules: Rules, now: number, isApprover = true): Answer {
  const incident = own(board.incidents, action.incident)
  if (!incident) return { told: `${action.incident} is not known here: it may be from before this table was made.` }
  if (incident.status === 'merged')
    return { told: `${incident.id} is part of ${incident.mergedInto!} now: please use the buttons there.` }
  const draft = draftOf(board)
  const told =
    NEEDS_APPROVER.has(action.do) && !isApprover
      ? deny(draft, incident, who, now)
      : STEPS[action.do](draft, incident, action, who, rules, now)
  return {
    ...((told === undefined || draft.touched.size > 0) && { board: draft.board, touched: draft.touched }),
    ...(told !== undefined && { told }),
  }
}

/** Returns what to tell the person if nothing was done. */
type Step = (
  draft: Draft,
  incident: Incident,
  action: Action,
  who: Person,
  rules: Rules,
  now: number,
) => string | undefined

const STEPS: Record<ActionName, Step> = {
  acknowledge(draft, incident, _action, who, rules, now) {
    if (incident.status === 'acknowledged') return already('acknowledged', incident.acknowledged, who, rules)
    if (!draft.move(incident.id, 'acknowledge', now)) return isOver(incident, rules)
    const edited = draft.edit(incident.id)
    edited.acknowledged = { by: who, at: now }
    delete edited.snoozed
    delete edited.heldUntil
    draft.note(incident.id, now, 'acknowledged', `Acknowledged by ${who.name}`)
    return undefined
  },

  unacknowledge(draft, incident, _action, who, rules, now) {
    if (isActive(incident) && !incident.acknowledged) return `${incident.id} is not acknowledged by anybody.`
    if (!draft.move(incident.id, 'unacknowledge', now)) return isOver(incident, rules)
    const edited = draft.edit(incident.id)
    delete edited.acknowledged
    delete edited.snoozed
    draft.note(
      incident.id,
      now,
      'unacknowledged',
      `${who.name} is no longer on it${incident.acknowledged && incident.acknowledged.by.id !== who.id ? ` (acknowledged by ${incident.acknowledged.by.name} before)` : ''}`,
    )
    return undefined
  },

  snooze(draft, incident, action, who, rules, now) {
    const { choice } = action
    if (choice === undefined || !Object.hasOwn(SNOOZES, choice))
      return `Snooze for how long? One of ${Object.keys(SNOOZES).join(', ')}.`
    const zone = rules.config.timeZone
    const until = choice === 'morning' ? nextMorning(now, zone) : now + SNOOZE_MS[choice as keyof typeof SNOOZE_MS]
    if (incident.status === 'snoozed' && incident.snoozed && incident.snoozed.by.id !== who.id)
      return `${incident.snoozed.by.name} has snoozed ${incident.id} until ${clock(incident.snoozed.until, zone)} already.`
    if (incident.snoozed && Math.abs(incident.snoozed.until - until) < 60_000)
      return `You have snoozed ${incident.id} until ${clock(until, zone)} already.`
    if (!draft.move(incident.id, 'snooze', now)) return isOver(incident, rules)
    const edited = draft.edit(incident.id)
    edited.snoozed = { by: who, at: now, until }
    delete edited.heldUntil
    draft.note(incident.id, now, 'snoozed', `Snoozed by ${who.name} until ${clock(until, zone)}`)
    return undefined
  },

  wake(draft, incident, _action, who, rules, now) {
    if (isActive(incident) && incident.status !== 'snoozed') return `${incident.id} is not snoozed any more.`
    if (!draft.move(incident.id, 'wake', now)) return isOver(incident, rules)
    if (incident.acknowledged) draft.move(incident.id, 'acknowledge', now)
    delete draft.edit(incident.id).snoozed
    draft.note(incident.id, now, 'woke', `${who.name} ended the snooze`)
    return undefined
  },

  resolve(draft, incident, _action, who, rules, now) {
    if (!draft.move(incident.id, 'resolve', now)) return isOver(incident, rules)
    const edited = draft.edit(incident.id)
    edited.resolved = { by: who, at: now }
    delete edited.snoozed
    delete edited.heldUntil
    const firing =
      incident.firing === 0 ? '' : ` while ${incident.firing} ${incident.firing === 1 ? 'alarm fires' : 'alarms fire'}`
    draft.note(incident.id, now, 'resolved', `Resolved by ${who.name}${firing}`)
    return undefined
  },

  reopen(draft, incident, _action, who, _rules, now) {
    if (!draft.move(incident.id, 'reopen', now)) return `${incident.id} is open already.`
    const edited = draft.edit(incident.id)
    delete edited.resolved
    delete edited.acknowledged
    delete edited.heldUntil
    // It would resolve at once again: it stays until an alarm changes or a person resolves it.
    delete edited.quietSince
    draft.note(incident.id, now, 'reopened', `Reopened by ${who.name}`)
    return undefined
  },

  unrelated(draft, incident, action, who, rules, now) {
    const service = Object.keys(incident.services).find((id) => choiceOf(id) === action.choice) ?? action.choice
    if (service === undefined || !Object.hasOwn(incident.services, service))
      return service !== undefined && own(incident.unrelated, service) !== undefined
        ? `${rules.titleOf(service)} was taken out of ${incident.id} already: it is ${incident.unrelated![service]!} now.`
        : `${service === undefined ? 'That service' : rules.titleOf(service)} has no alarms in ${incident.id}.`
    if (!isActive(incident)) return isOver(incident, rules)
    if (Object.keys(incident.services).length < 2) return `${incident.id} has only this service.`
    takeOut(draft, incident, service, who, rules, now)
    return undefined
  },

  approve: (...given) => onRun(approve)(...given),
  reject: (...given) => onRun(reject)(...given),
  'dry-run': (...given) => onRun(dryRun)(...given),
  'stop-all': (draft, incident, _action, who, rules, now) => stopAll(draft, incident.id, who, rules, now),
  'start-all': (draft, incident, _action, who, _rules, now) => startAll(draft, incident.id, who, now),
}

/** What only those may who are named in the config (`slack.approvers`); where nobody is named, everybody. */
export const NEEDS_APPROVER: ReadonlySet<ActionName> = new Set<ActionName>([
  'approve',
  'reject',
  'stop-all',
  'start-all',
])

/** Said in the thread once; said to the person each time. */
function deny(draft: Draft, { id, timeline }: Incident, who: Person, now: number): string {
  const words = `${who.name} may not decide on runbooks: only the approvers of the config may`
  if (!timeline.some(({ text }) => text === words)) draft.note(id, now, 'denied', words)
  return 'You are not among the approvers (slack.approvers in the config): please ask one of them.'
}

const onRun =
  (does: (draft: Draft, found: Found, who: Person, rules: Rules, now: number) => string | undefined): Step =>
  (draft, incident, { choice }, who, rules, now) => {
    const runs = incident.runs ?? []
    const run =
      choice === undefined
        ? (runs.findLast(({ status }) => status === 'proposed') ?? runs.at(-1))
        : runs.find(({ id }) => id === choice)
    return run ? does(draft, { incident, run }, who, rules, now) : `${incident.id} has no such runbook.`
  }

function already(what: string, first: { by: Person; at: number } | undefined, who: Person, rules: Rules): string {
  if (!first) return `It is ${what} already.`
  return `${first.by.id === who.id ? 'You have' : `${first.by.name} has`} ${what} it already, at ${clock(first.at, rules.config.timeZone)}.`
}

function isOver(incident: Incident, rules: Rules): string {
  if (!incident.resolved) return `That cannot be done while ${incident.id} is ${incident.status}.`
  const { by, at } = incident.resolved
  const when = clock(at, rules.config.timeZone)
  return by
    ? `${by.name} has resolved ${incident.id} already, at ${when}.`
    : `${incident.id} resolved by itself at ${when}.`
}

/** Takes one service's alarms out into an incident of their own. Alarms of that service go there from now on. */
function takeOut(draft: Draft, incident: Incident, service: string, who: Person, rules: Rules, now: number): void {
  const member = incident.services[service]!
  const tallies = Object.values(member)
  const split = draft.open(Math.min(...tallies.map(({ from }) => from)))
  draft.move(split.id, 'raise', now)
  split.services[service] = member
  split.firing = tallies.reduce((sum, { firing }) => sum + firing, 0)
  split.lastAt = incident.lastAt
  if (incident.quietSince !== undefined) split.quietSince = incident.quietSince
  split.severity = severityOf(split.services, rules)
  split.cause = service
  draft.note(split.id, now, 'opened', `Opened: ${who.name} took ${rules.titleOf(service)} out of ${incident.id}`)

  const rest = draft.edit(incident.id)
  delete rest.services[service]
  rest.firing -= split.firing
  rest.unrelated = { ...rest.unrelated, [service]: split.id }
  split.unrelated = Object.fromEntries(Object.keys(rest.services).map((other) => [other, incident.id]))
  const cause = causesOf(rest, rules)[0]?.service
  if (cause !== undefined) rest.cause = cause
  const left = enumerate(Object.keys(rest.services).map(rules.titleOf))
  draft.note(
    incident.id,
    now,
    'split',
    `${who.name}: ${rules.titleOf(service)} is not related; its alarms are ${split.id} now. What is left: ${left}`,
  )
}
