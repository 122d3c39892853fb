// What is open now, for people, in 80 columns.
import { causesOf, type Cause } from '../../lambda/core/correlate/cause.ts'
import type { Board } from '../../lambda/core/incident/board.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import { ignoringWords } from '../../lambda/core/services/ignored.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { titleOf } from '../../lambda/core/notify/slack/title.ts'
import { duration, own, plural } from '../../lambda/core/words/words.ts'
import type { Depth } from '../aws/queues.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { cut, printable, WIDTH, wrap } from '../terminal/words.ts'
import type { Queues } from './queues.ts'

const time = (ms: number): string => new Date(ms).toISOString()

export interface Now {
  open: Incident[]
  /** To their messages in Slack, by id. */
  links: ReadonlyMap<string, string>
  board: Board
  queues: Queues
}

export function asText({ open, links, board, queues }: Now, rules: Rules, terminal: Terminal): string {
  const head = open.length === 0 ? 'Nothing is open.' : `${plural(open.length, 'incident')} open`
  const parts = [
    head,
    ...open.map((incident) => chapter(incident, links.get(incident.id), rules, terminal)),
    queuesLine(queues, terminal),
    wrap(ignoringWords(rules.config), WIDTH, 0),
  ]
  if (board.unreadable)
    parts.push(
      wrap(
        `${plural(board.unreadable.count, 'message')} could not be read since ${clock(board.unreadable.since)}: ${printable(board.unreadable.reason)}`,
        WIDTH,
        0,
      ),
    )
  return `\n${parts.join('\n\n')}\n\n`
}

const clock = (ms: number): string => `${time(ms).slice(0, 10)} ${time(ms).slice(11, 16)} UTC`

const STYLE = { critical: 'red', major: 'yellow', minor: 'cyan' } as const
const LABEL = 10

function chapter(incident: Incident, link: string | undefined, rules: Rules, { paint }: Terminal): string {
  const causes = causesOf(incident, rules)
  const line = (label: string, text: string): string => `  ${label.padEnd(LABEL)}${wrap(text, WIDTH, LABEL + 2)}`
  const [first] = causes
  const services = Object.keys(incident.services)
  return [
    `${paint(['bold', STYLE[incident.severity]], incident.severity.toUpperCase())}  ${incident.id}  ${paint('bold', cut(printable(titleOf(incident, causes, rules)), WIDTH - 22))}`,
    line('since', `${clock(incident.openedAt)}, ${duration(Date.now() - incident.openedAt)} ago`),
    line('status', statusOf(incident)),
    ...(incident.team === undefined
      ? []
      : [line('team', printable(own(rules.config.teams, incident.team)?.title ?? incident.team))]),
    ...(first ? [line('cause', printable(causeOf(first, rules)))] : []),
    ...(services.length > 1 ? [line('services', printable(services.map(rules.titleOf).join(', ')))] : []),
    ...(incident.firing > 0 ? [line('alarms', `${incident.firing} firing`)] : []),
    line('message', link ?? whyNoMessage(incident)),
  ].join('\n')
}

function whyNoMessage({ status, digest }: Incident): string {
  if (digest !== undefined) return 'none of its own: it is in the digest of its channel'
  return status === 'held' ? 'none: it is held back' : 'not in Slack yet'
}

const causeOf = ({ service, score, evidence }: Cause, rules: Rules): string =>
  `${rules.titleOf(service)} (${Math.round(score * 100)} %)${evidence.length > 0 ? `: ${evidence.join('; ')}` : ''}`

function statusOf({ status, acknowledged, snoozed, heldUntil, quietSince, firing, waitingSince }: Incident): string {
  const quiet = firing === 0 && quietSince !== undefined ? `; quiet since ${clock(quietSince)}` : ''
  switch (status) {
    case 'acknowledged':
      return `acknowledged by ${printable(acknowledged?.by.name ?? 'somebody')} at ${clock(acknowledged?.at ?? 0)}${quiet}`
    case 'snoozed':
      return `snoozed by ${printable(snoozed?.by.name ?? 'somebody')} until ${clock(snoozed?.until ?? 0)}${quiet}`
    case 'held':
      return `held back${heldUntil === undefined ? '' : ` until ${clock(heldUntil)}`}`
    case 'open':
      return `open, nobody has acknowledged it for ${duration(Date.now() - waitingSince)}${quiet}`
    case 'resolved':
    case 'merged':
      return status
    default:
      return status satisfies never
  }
}

function queuesLine(queues: Queues, { paint }: Terminal): string {
  const total = ({ waiting, inFlight }: Depth): number => waiting + inFlight
  const dead = total(queues.intakeDeadLetters) + total(queues.noticesDeadLetters)
  const waiting = `Queues: intake ${total(queues.intake)}, notices ${total(queues.notices)}`
  return dead === 0
    ? `${waiting}; no dead letters`
    : `${waiting}; ${paint('red', plural(dead, 'dead letter'))}: npx tocsin redrive`
}
