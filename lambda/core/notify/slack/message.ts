// An incident's message: it shows, at a glance on a phone, what is wrong, how bad, since when, why, who is on it and what comes next.
import { alarmsText, type View } from './alarms-text.ts'
import { context, plain, section, text, type Block, type Message } from './blocks.ts'
import { incidentButtons } from './buttons.ts'
import { contextBlocks } from './context.ts'
import type { Cause } from '../../correlate/cause.ts'
import type { Alarm } from '../../incident/alarm.ts'
import { isActive, type Incident } from '../../incident/incident.ts'
import { isMitigated } from '../../incident/mitigated.ts'
import { isUnderWay } from '../../incident/run.ts'
import { cut, duration } from '../../words/words.ts'
import { channelName, safe, time } from './mrkdwn.ts'
import type { Rules } from '../../services/rules.ts'
import { runBlocks } from './run-text.ts'
import { quietDue } from '../../incident/recovery.ts'
import { titleOf } from './title.ts'
import { nextStep } from '../../escalate/escalation.ts'
import { commonChannel, homeOf } from '../places.ts'

/** Slack: 150 characters per header, 3,000 per section, 50 blocks per message. https://docs.slack.dev/reference/block-kit/blocks */
const HEADER_MOST = 150

/** What a notification on a phone can show, and well under Slack's 4,000 for an edit. */
export const TEXT_MOST = 500

export function render(view: View, rules: Rules): Message {
  const { incident, causes } = view
  const title = titleOf(incident, causes, rules)
  if (incident.status === 'merged') return mergedMessage(incident, title)
  const blocks: Block[] = [
    {
      type: 'header',
      text: plain(cut(`${emojiOf(incident)} ${title}`, HEADER_MOST)),
    },
    context(summary(view, rules)),
    section(causeText(causes, rules)),
    section(alarmsText(view, rules)),
    ...contextBlocks(view, rules),
    { type: 'section', fields: [text(`*On it*\n${whoText(incident)}`), text(`*Next*\n${nextText(incident, rules)}`)] },
    ...refusingText(incident, homeOf(incident, rules), rules),
    ...runBlocks(incident, view.stopped, rules),
    ...incidentButtons(incident),
  ]
  const cause = causes[0]
  const words = `${headline(incident, title)}${cause ? `. Probable cause: ${safe(rules.titleOf(cause.service))}` : ''}`
  return { text: cut(words, TEXT_MOST), blocks }
}

export function mergedMessage(incident: Incident, title: string): Message {
  const words = `↪️ ${incident.id} ${safe(title)} is part of *${incident.mergedInto!}* and goes on there`
  return { text: words, blocks: [section(words)] }
}

const EMOJI = { critical: '🔴', major: '🟠', minor: '🟡' }

export function emojiOf(incident: Incident): string {
  if (incident.status === 'resolved') return '✅'
  if (isMitigated(incident)) return '🩹'
  if (incident.status === 'acknowledged') return '👀'
  return incident.status === 'snoozed' ? '💤' : EMOJI[incident.severity]
}

/** In one line: what a notification begins with. */
export const headline = (incident: Incident, title: string): string =>
  `${emojiOf(incident)} ${incident.id} ${safe(title)} (${incident.severity}, ${statusText(incident)})`

/** The word for its state. */
const stateOf = (incident: Incident): string =>
  isActive(incident) && isMitigated(incident) ? 'mitigated' : incident.status

export function statusText(incident: Incident): string {
  const state = stateOf(incident)
  if (state === 'acknowledged') return `acknowledged by ${safe(incident.acknowledged?.by.name ?? 'somebody')}`
  return state === 'resolved' && incident.resolved?.by ? `resolved by ${safe(incident.resolved.by.name)}` : state
}

function summary({ incident, alarms }: View, rules: Rules): string {
  const zone = rules.config.timeZone
  const places = new Set([...alarms.values()].map((alarm) => whereOf(alarm, rules)))
  const when =
    incident.status === 'resolved' && incident.resolved
      ? `${time(incident.openedAt, zone)} to ${time(incident.resolved.at, zone)} (${duration(incident.resolved.at - incident.openedAt)})`
      : `since ${time(incident.openedAt, zone)}`
  const where = [...places].filter((place) => place !== '').slice(0, 2)
  return [`*${incident.id}*`, `*${incident.severity}*`, stateOf(incident), when, ...where.map(safe)].join(' · ')
}

/** Where its metric is and, if that is another account, where the alarm is. */
function whereOf({ account, alarmAccount, region }: Alarm, { accountName }: Rules): string {
  const place = [account === undefined ? undefined : accountName(account), region].filter(Boolean).join(' ')
  return alarmAccount === undefined ? place : `${place} (alarm in ${accountName(alarmAccount)})`
}

function causeText([first, second]: readonly Cause[], rules: Rules): string {
  if (!first) return '*Probable cause* unknown'
  const also =
    second && second.score > first.score * 0.6
      ? `\nor ${safe(rules.titleOf(second.service))}: ${safe(second.evidence.slice(0, 2).join('; '))}`
      : ''
  return `*Probable cause* ${safe(rules.titleOf(first.service))}\n${safe(first.evidence.slice(0, 3).join('; '))}${also}`
}

function whoText({ status, acknowledged, snoozed, resolved, runs = [] }: Incident): string {
  if (status === 'resolved')
    return resolved?.by
      ? `resolved by <@${resolved.by.id}>`
      : acknowledged
        ? `<@${acknowledged.by.id}>`
        : 'nobody acknowledged it'
  if (status === 'snoozed' && snoozed) return `snoozed by <@${snoozed.by.id}>`
  if (acknowledged && status === 'acknowledged') return `<@${acknowledged.by.id}>`
  const approved = runs.findLast((run) => isUnderWay(run) || run.left)?.approvals ?? []
  return approved.length > 0 ? `${approved.map(({ by }) => `<@${by.id}>`).join(', ')} approved the fix` : 'nobody yet'
}

function nextText(incident: Incident, rules: Rules): string {
  const zone = rules.config.timeZone
  const quiet = quietDue(incident, rules.config)
  if (incident.status === 'resolved')
    return `a refire before ${time(incident.resolved!.at + rules.config.correlation.reopenWindowSeconds * 1000, zone)} reopens it`
  if (isMitigated(incident)) return 'resolves once nothing is left to do'
  const running = incident.runs?.find(isUnderWay)
  if (running && incident.firing === 0) return `“${safe(running.title)}” ends`
  if (quiet !== undefined) return `resolves at ${time(quiet, zone)} if it stays quiet`
  if (incident.status === 'snoozed' && incident.snoozed)
    return `you will be notified again at ${time(incident.snoozed.until, zone)}, or when a new service joins`
  const proposed = (incident.runs ?? []).findLast(({ status }) => status === 'proposed')
  if (proposed) return `somebody approves “${safe(proposed.title)}”`
  if (incident.status === 'acknowledged') return `resolves when every alarm recovers`
  const step = nextStep(incident, rules.config)
  if (step)
    // No names: a mention in a new message would call them now.
    return `somebody is called at ${time(incident.waitingSince + step.afterSeconds * 1000, zone)} if nobody acknowledges it`
  return 'somebody acknowledges it'
}

/** Why what belongs in the channel of a team is told here. */
export function refusingText({ refusing = {} }: Incident, place: string, rules: Rules): Block[] {
  if (place !== commonChannel(rules)) return []
  return Object.entries(refusing).map(([channel, reason]) =>
    context(`⚠️ ${channelName(channel)} refuses messages, so this is told here: ${safe(reason)}`),
  )
}

/** User ids begin with U or W, user group ids with S; anything else is just a name. */
export function mention(id: string): string {
  if (/^[UW][A-Z0-9]{2,}$/.test(id)) return `<@${id}>`
  return /^S[A-Z0-9]{2,}$/.test(id) ? `<!subteam^${id}>` : safe(cut(id, 80))
}
