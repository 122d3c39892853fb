// What people should see of an incident: one message that answers, at a glance on a phone, what is wrong, how bad, since when, why, who is on it and what comes next.
import { isFiring, type Alarm } from './alarm.ts'
import type { Signal } from './catalogue.ts'
import type { Cause } from './cause.ts'
import type { Entry, Incident, Tally, Unreadable } from './incident.ts'
import { cut, flat, link, safe, time } from './mrkdwn.ts'
import type { Rules } from './rules.ts'
import { quietDue } from './timers.ts'
import { amount, compare } from './units.ts'
import { duration, enumerate, plural } from './words.ts'

export type Block = Record<string, unknown> & { type: string }

export interface Message {
  text: string
  blocks: Block[]
}

const SYMPTOM: Record<Signal, string> = {
  disk: 'low on disk',
  memory: 'low on memory',
  latency: 'slow',
  errors: 'failing',
  saturation: 'backed up',
  availability: 'unavailable',
  cpu: 'short of CPU',
  other: 'in alarm',
}
/** The order in which signals are named: what runs out before how it shows. */
const SIGNAL_ORDER = Object.keys(SYMPTOM) as Signal[]

/** Slack: 150 characters a header, 3,000 a section, 50 blocks a message. https://docs.slack.dev/reference/block-kit/blocks */
const HEADER_MOST = 150
const SECTION_MOST = 3000
/** What a notification on a phone can show, and well under Slack's 4,000 for an edit. */
const TEXT_MOST = 500
/** So many services stand in the message; the rest is counted. */
export const SERVICES_SHOWN = 8
const ALARMS_PER_SERVICE = 3

/** `Message broker: low on disk, backed up` */
export function titleOf(incident: Pick<Incident, 'services'>, causes: readonly Cause[], rules: Rules): string {
  const first = causes[0]?.service
  if (first === undefined) return 'No alarms'
  const signals = SIGNAL_ORDER.filter((signal) => incident.services[first]![signal])
  return cut(
    flat(
      `${flat(rules.titleOf(first)) || 'unnamed'}: ${enumerate(signals.slice(0, 3).map((signal) => SYMPTOM[signal]))}`,
    ),
    140,
  )
}

/** What a message is made of: the incident, its causes, and the alarms that stand for its services. */
export interface View {
  incident: Incident
  causes: readonly Cause[]
  alarms: ReadonlyMap<string, Alarm>
}

/** Keys of the alarms that the message shows. */
export function shownAlarms(incident: Incident, causes: readonly Cause[]): string[] {
  return causes.slice(0, SERVICES_SHOWN).flatMap(({ service }) =>
    tallies(incident, service)
      .slice(0, ALARMS_PER_SERVICE)
      .map(([, { lead }]) => lead),
  )
}

function tallies(incident: Incident, service: string): [Signal, Tally][] {
  const member = incident.services[service] ?? {}
  return SIGNAL_ORDER.filter((signal) => member[signal]).map((signal) => [signal, member[signal]!])
}

export function render(view: View, rules: Rules): Message {
  const { incident, causes } = view
  const title = titleOf(incident, causes, rules)
  if (incident.status === 'merged') return mergedMessage(incident, title)
  const blocks: Block[] = [
    {
      type: 'header',
      text: { type: 'plain_text', text: cut(`${emojiOf(incident)} ${title}`, HEADER_MOST), emoji: false },
    },
    context(summary(view, rules)),
    section(causeText(causes, rules)),
    section(alarmsText(view, rules)),
    { type: 'section', fields: [text(`*On it*\n${whoText(incident)}`), text(`*Next*\n${nextText(incident, rules)}`)] },
    ...actions(incident),
  ]
  const cause = causes[0]
  const words = `${emojiOf(incident)} ${incident.id} ${safe(title)} (${incident.severity}, ${statusText(incident)})${cause ? `. Probable cause: ${safe(rules.titleOf(cause.service))}` : ''}`
  return { text: cut(words, TEXT_MOST), blocks }
}

function mergedMessage(incident: Incident, title: string): Message {
  const words = `↪️ ${incident.id} ${safe(title)} is part of *${incident.mergedInto!}* and goes on there`
  return { text: words, blocks: [section(words)] }
}

const EMOJI = { critical: '🔴', major: '🟠', minor: '🟡' }

function emojiOf(incident: Incident): string {
  if (incident.status === 'resolved') return '✅'
  if (incident.status === 'acknowledged') return '👀'
  return incident.status === 'snoozed' ? '💤' : EMOJI[incident.severity]
}

function statusText(incident: Incident): string {
  if (incident.status === 'acknowledged') return `acknowledged by ${safe(incident.acknowledged?.by.name ?? 'somebody')}`
  return incident.status === 'resolved' && incident.resolved?.by
    ? `resolved by ${safe(incident.resolved.by.name)}`
    : incident.status
}

function summary({ incident, alarms }: View, rules: Rules): string {
  const zone = rules.config.timeZone
  const places = new Set([...alarms.values()].map(({ account, region }) => [account, region].filter(Boolean).join(' ')))
  const when =
    incident.status === 'resolved' && incident.resolved
      ? `${time(incident.openedAt, zone)} to ${time(incident.resolved.at, zone)} (${duration(incident.resolved.at - incident.openedAt)})`
      : `since ${time(incident.openedAt, zone)}`
  const where = [...places].filter((place) => place !== '').slice(0, 2)
  return [`*${incident.id}*`, `*${incident.severity}*`, incident.status, when, ...where.map(safe)].join(' · ')
}

function causeText([first, second]: readonly Cause[], rules: Rules): string {
  if (!first) return '*Probable cause* unknown'
  const also =
    second && second.score > first.score * 0.6
      ? `\nor ${safe(rules.titleOf(second.service))}: ${safe(second.evidence.slice(0, 2).join('; '))}`
      : ''
  return `*Probable cause* ${safe(rules.titleOf(first.service))}\n${safe(first.evidence.slice(0, 3).join('; '))}${also}`
}

function alarmsText(view: View, rules: Rules): string {
  const { incident, causes } = view
  const services = Object.keys(incident.services).length
  const total = Object.values(incident.services)
    .flatMap((member) => Object.values(member))
    .reduce((sum, { total }) => sum + total, 0)
  const head = `*${firingWords(incident.firing, total)}*${services > 1 ? ` in ${services} services` : ''}`
  const shown = causes.slice(0, SERVICES_SHOWN).map(({ service }) => service)
  const linked = shown.map((service) => serviceLine(view, service, rules, true))
  // Links are long: where they would push services out of the message, the names stay and the links go.
  const fits = linked.join('\n').length < ROOM_FOR_SERVICES
  return atMost(head, fits ? linked : shown.map((service) => serviceLine(view, service, rules, false)), services)
}

const ROOM_FOR_SERVICES = SECTION_MOST - 150

/** As many lines as there is room for; the rest of `services` is counted. */
function atMost(head: string, lines: readonly string[], services: number): string {
  let [words, shown] = [head, 0]
  for (const line of lines) {
    if (words.length + line.length + 1 > ROOM_FOR_SERVICES + 100) break
    words += `\n${line}`
    shown++
  }
  return shown === services ? words : `${words}\nand ${plural(services - shown, 'more service')}`
}

function firingWords(firing: number, total: number): string {
  if (firing === 0) return total === 1 ? 'The alarm recovered' : `All ${total} alarms recovered`
  if (total === 1) return '1 alarm fires'
  return `${firing} of ${total} alarms ${firing === 1 ? 'fires' : 'fire'}`
}

function serviceLine({ incident, alarms }: View, service: string, rules: Rules, linked: boolean): string {
  const all = tallies(incident, service)
  const parts = all.slice(0, ALARMS_PER_SERVICE).map(([signal, tally]) => {
    const lead = alarms.get(tally.lead)
    const what = lead ? alarmWords(lead, linked) : signal
    const more = tally.total > 1 ? ` (${tally.firing} of ${tally.total} fire)` : ''
    return `${what}${more}`
  })
  const hidden = all.length - parts.length
  const title = flat(rules.titleOf(service)) || 'unnamed'
  return `• *${safe(cut(title, 80))}*: ${parts.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`
}

function alarmWords(alarm: Alarm, linked: boolean): string {
  const name = cut(flat(alarm.metric ?? alarm.name) || 'unnamed', 60)
  const firing = isFiring(alarm.changes)
  const numbers = firing ? compare(alarm) : amount(alarm)
  const url = linked ? consoleUrl(alarm) : undefined
  const words = [url === undefined ? safe(name) : link(url, name), ...(numbers === undefined ? [] : [safe(numbers)])]
  return `${firing ? '' : '✓ '}${words.join(' ')}`
}

/** The alarm in the CloudWatch console. */
export function consoleUrl({ region, name }: Pick<Alarm, 'region' | 'name'>): string | undefined {
  if (region === undefined || !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region)) return undefined
  const host = region.startsWith('cn-') ? 'console.amazonaws.cn' : `${region}.console.aws.amazon.com`
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `https://${host}/cloudwatch/home?region=${region}#alarmsV2:alarm/${encoded}`
}

function whoText({ status, acknowledged, snoozed, resolved }: Incident): string {
  if (status === 'resolved')
    return resolved?.by
      ? `resolved by <@${resolved.by.id}>`
      : acknowledged
        ? `<@${acknowledged.by.id}>`
        : 'nobody acknowledged it'
  if (status === 'snoozed' && snoozed) return `snoozed by <@${snoozed.by.id}>`
  return acknowledged && status === 'acknowledged' ? `<@${acknowledged.by.id}>` : 'nobody yet'
}

function nextText(incident: Incident, rules: Rules): string {
  const zone = rules.config.timeZone
  const quiet = quietDue(incident, rules.config)
  if (incident.status === 'resolved')
    return `a refire before ${time(incident.resolved!.at + rules.config.correlation.reopenWindowSeconds * 1000, zone)} reopens it`
  if (quiet !== undefined) return `resolves at ${time(quiet, zone)} if it stays quiet`
  if (incident.status === 'snoozed' && incident.snoozed)
    return `told again at ${time(incident.snoozed.until, zone)}, or when a new service joins`
  if (incident.status === 'acknowledged') return `resolves when every alarm recovers`
  const step = rules.config.escalation[incident.escalated]
  if (step)
    return `${enumerate(step.notify.map(mention))} is told at ${time(incident.waitingSince + step.afterSeconds * 1000, zone)}`
  return 'somebody acknowledges it'
}

/** User ids begin with U or W, user groups' with S; anything else is only a name. */
export function mention(id: string): string {
  if (/^[UW][A-Z0-9]{2,}$/.test(id)) return `<@${id}>`
  return /^S[A-Z0-9]{2,}$/.test(id) ? `<!subteam^${id}>` : safe(cut(id, 80))
}

export const SNOOZES = { '15m': '15 minutes', '1h': '1 hour', '4h': '4 hours', morning: 'until morning' } as const
export type Snooze = keyof typeof SNOOZES

function actions(incident: Incident): Block[] {
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

/** `verbatim`: Slack makes no link of what looks like one. */
const text = (words: string): Record<string, unknown> => ({ type: 'mrkdwn', text: words, verbatim: true })
const section = (words: string): Block => ({ type: 'section', text: text(cut(words, SECTION_MOST)) })
const context = (words: string): Block => ({ type: 'context', elements: [text(words)] })

/** What happened, for the thread. Joins are summed up, and whoever is told stands first. */
export function renderHistory(entries: readonly Entry[], rules: Rules, notify: readonly string[]): Message {
  const joined = entries.filter(({ kind }) => kind === 'joined')
  const summedUp = joined.length > JOINS_SHOWN
  const told = entries.some(({ kind }) => kind === 'escalated') ? [enumerate(notify.map(mention), MENTIONS_MOST)] : []
  const lines = [
    ...told,
    ...(summedUp ? [`${joined.length} services joined`] : []),
    ...entries
      .filter(({ kind }) => !(summedUp && kind === 'joined'))
      .map(({ at, text: words }) => `${time(at, rules.config.timeZone)} ${safe(cut(words, ENTRY_MOST))}`),
  ]
  let words = lines[0] ?? 'Something changed'
  for (const line of lines.slice(1)) if (words.length + line.length < SECTION_MOST - 1) words += `\n${line}`
  return { text: words, blocks: [section(words)] }
}

const JOINS_SHOWN = 4
const MENTIONS_MOST = 20
/** Escaped, it is at most five times as long: one line always fits a section. */
const ENTRY_MOST = 500

export function renderUnreadable(unreadable: Unreadable, rules: Rules): Message {
  const { count, since, reason, sample } = unreadable
  const words = `⚠️ ${count === 1 ? 'A message' : `${count} messages`} since ${time(since, rules.config.timeZone)} could not be read: ${safe(reason)}. Kept in the dead letters. It begins: ${safe(sample)}`
  return { text: words, blocks: [section(words)] }
}
