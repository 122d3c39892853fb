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
import { emojiOf, mergedMessage, refusingText, statusText, TEXT_MOST } from './message.ts'
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
  const yours = yoursText(view, rules)
  const since = `since ${time(incident.openedAt, rules.config.timeZone)}`
  const state = [`*${incident.severity}*`, statusText(incident), ...(isActive(incident) ? [since] : [])].join(' · ')
  const isCalled = isActive(incident) && (incident.calls ?? []).some((call) => call.place === place)
  return {
    text: cut(
      `${emojiOf(incident)} ${incident.id} ${safe(title)} (${incident.severity}, ${statusText(incident)}). ${yours}`,
      TEXT_MOST,
    ),
    blocks: [
      section(`${emojiOf(incident)} *${safe(title)}*\n${state}\n${yours}\n${whereText(view)}`),
      ...refusingText(incident, place, rules),
      ...(isCalled ? acknowledgeButton(incident) : []),
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

function yoursText({ incident, causes, place }: LineView, rules: Rules): string {
  const isYours = (service: string): boolean => placeFor(rules.teamOf(service), incident, rules) === place
  const yours = causes.map(({ service }) => service).filter(isYours)
  if (yours.length === 0) return 'None of your services is part of it'
  const cause = causes[0]?.service
  const names = (services: readonly string[]): string => safe(enumerate(services.map(rules.titleOf), NAMED_MOST))
  if (cause === undefined || !yours.includes(cause)) return `Of your services: ${names(yours)}`
  const others = yours.filter((service) => service !== cause)
  return `Probable cause: your ${names([cause])}${others.length > 0 ? `; also hit: ${names(others)}` : ''}`
}

const NAMED_MOST = 5
