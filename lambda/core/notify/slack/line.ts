// The line of a team in whose channel an incident does not live: what of theirs is part of it, and where it goes on.
import { hash } from 'node:crypto'
import type { Cause } from '../../correlate/cause.ts'
import { isActive, type Incident } from '../../incident/incident.ts'
import type { Entry } from '../../incident/timeline.ts'
import type { Rules } from '../../services/rules.ts'
import { cut, enumerate } from '../../words/words.ts'
import { placeFor } from '../places.ts'
import { section, type Message } from './blocks.ts'
import { acknowledgeButton } from './buttons.ts'
import { historyText } from './history.ts'
import { linkTo } from './link.ts'
import { emojiOf, headline, mergedMessage, refusingText, statusText, TEXT_MOST } from './message.ts'
import { channelName, link, safe, time } from './mrkdwn.ts'
import { titleOf } from './title.ts'

export interface LineView {
  incident: Incident
  causes: readonly Cause[]
  /** Where the line is, and where the incident lives. */
  place: string
  home: string
  /** The message there, if there is one yet. */
  homeRef: string | undefined
}

export function renderLine(view: LineView, rules: Rules): Message {
  const { incident, causes, place } = view
  const title = titleOf(incident, causes, rules)
  if (incident.status === 'merged') return mergedMessage(incident, title)
  const [cause] = causes.map(({ service }) => service)
  const services = yoursIn(view, rules)
  const yours = yoursText(services, cause, rules) ?? []
  const since = `since ${time(incident.openedAt, rules.config.timeZone)}`
  const state = [`*${incident.severity}*`, statusText(incident), ...(isActive(incident) ? [since] : [])].join(' · ')
  const isCalled = (incident.calls ?? []).some((call) => call.place === place)
  const isCause = cause !== undefined && services?.includes(cause)
  const head = `${emojiOf(incident)} *${safe(title)}*`
  return {
    text: cut([headline(incident, title), yours].flat().join('. '), TEXT_MOST),
    blocks: [
      section([head, state, yours, whereText(view)].flat().join('\n')),
      ...refusingText(incident, place, rules),
      ...(isActive(incident) && isCalled && isCause ? acknowledgeButton(incident) : []),
    ],
  }
}

/** The same for lines that look the same: an edit that nobody would see is not made. */
export const looksOf = (line: Message): string => hash('sha256', JSON.stringify(line), 'base64url').slice(0, 16)

/** A team is called to the incident: for the thread of its line, and for the channel. */
export function renderCall(
  entries: readonly Entry[],
  view: LineView,
  called: readonly string[],
  rules: Rules,
): Message {
  const words = `${historyText(entries, rules, called)}\n${whereText(view)}`
  return { text: words, blocks: [section(words), ...acknowledgeButton(view.incident)] }
}

function whereText({ incident, home, homeRef }: LineView): string {
  const url = linkTo(homeRef)
  return `${url === undefined ? `*${incident.id}*` : link(url, incident.id)} is in ${channelName(home)}`
}

/** Undefined if the config does not know any more whose channel this is. */
function yoursText(
  services: readonly string[] | undefined,
  cause: string | undefined,
  rules: Rules,
): string | undefined {
  if (!services) return undefined
  if (services.length === 0) return 'None of your services is part of it'
  const names = (some: readonly string[]): string => safe(enumerate(some.map(rules.titleOf), NAMED_MOST))
  if (cause === undefined || !services.includes(cause)) return `Of your services: ${names(services)}`
  const others = services.filter((service) => service !== cause)
  return `Probable cause: your ${names([cause])}${others.length > 0 ? `; also hit: ${names(others)}` : ''}`
}

/** The services of those whose channel this is, best cause first. */
function yoursIn({ incident, causes, place }: LineView, rules: Rules): string[] | undefined {
  const { config, teamOf } = rules
  const owners = Object.keys(config.teams).filter((team) => config.teams[team]!.channel === place)
  const isCommon = place === config.slack.channel
  if (owners.length === 0 && !isCommon) return undefined
  const isYours = (team: string | undefined): boolean =>
    team === undefined
      ? isCommon && owners.length === 0
      : owners.includes(team) || placeFor(team, incident, rules) === place
  return causes.map(({ service }) => service).filter((service) => isYours(teamOf(service)))
}

const NAMED_MOST = 5
