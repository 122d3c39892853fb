// A replay for people to read: a table of incidents, then each with its causes, its timeline, and what Slack would show.
import type { Block } from '../lambda/core/notify/slack/blocks.ts'
import { ENTRY_KINDS } from '../lambda/core/incident/timeline.ts'
import { postedIn, type Story } from './replay.ts'
import { channelWords } from '../lambda/core/words/words.ts'
import { isDigest } from '../lambda/core/notify/notices.ts'
import type { World } from './world.ts'

const COLUMNS = ['incident', 'status', 'severity', 'opened', 'lasted', 'alarms', 'what'] as const
const UNUSED_SHOWN = 5

export function tell(story: Story, world: World): string {
  const { incidents, slack, ignored, unreadable, accepted, notes } = story
  const parts = [
    `${count(accepted, 'message')} became ${count(incidents.length, 'incident')}: ${count(slack.posts, 'Slack post')}, ${count(slack.updates, 'edit')}, ${slack.threadReplies} in threads`,
    ...(incidents.length > 0 ? [table(story)] : []),
    ...incidents.map((incident) => chapter(incident, world)),
    ...digests(world),
    ...notes,
    ...unused('ignored', ignored),
    ...unused('unreadable, kept in the dead letters', unreadable),
  ]
  return `\n${parts.join('\n\n')}\n\n`
}

const count = (n: number, word: string): string => `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`
const day = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`

function lasted(openedAt: string, resolvedAt: string | null): string {
  if (resolvedAt === null) return 'open'
  const minutes = Math.round((Date.parse(resolvedAt) - Date.parse(openedAt)) / 60_000)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function table({ incidents }: Story): string {
  const rows = incidents.map((i) => [
    i.id,
    i.status,
    i.severity,
    day(i.openedAt),
    lasted(i.openedAt, i.resolvedAt),
    String(i.alarms.length),
    i.title,
  ])
  const all = [[...COLUMNS], ...rows]
  const widths = COLUMNS.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n')
}

function chapter(incident: Story['incidents'][number], world: World): string {
  const causes = incident.causes
    .slice(0, 3)
    .map(
      ({ service, score, evidence }) =>
        `    ${String(Math.round(score * 100)).padStart(3)} %  ${service}: ${evidence.join('; ')}`,
    )
  const timeline = incident.timeline.map(
    ({ at, kind, text }) => `    ${at.slice(11, 19)}  ${ENTRY_KINDS[kind].icon} ${text}`,
  )
  const messages = postedIn(world).filter((one) => one.incident === incident.id && one.threadTs === undefined)
  const shown = messages.flatMap(({ channel, blocks }) => [
    ...(messages.length > 1 ? [`    in ${channelWords(channel)}`] : []),
    ...blocks.flatMap(wordsOf).map((line) => `    │ ${line}`),
  ])
  return [
    `${incident.id}  ${incident.title}`,
    '  Probable cause',
    ...causes,
    '  Timeline (UTC)',
    ...timeline,
    '  Slack shows at the end',
    ...(shown.length > 0 ? shown : [`    (${whyNothing(incident)})`]),
  ].join('\n')
}

const whyNothing = ({ timeline }: Story['incidents'][number]): string =>
  timeline.some(({ kind }) => kind === 'digested')
    ? 'a line of a digest, see below'
    : 'nothing: it was over before anybody had to know'

function digests(world: World): string[] {
  const all = postedIn(world).filter(({ tag, threadTs }) => threadTs === undefined && isDigest(tag))
  return all.map(({ channel, blocks }) =>
    [`Digest in ${channelWords(channel)}, at the end`, ...blocks.flatMap(wordsOf).map((line) => `    │ ${line}`)].join(
      '\n',
    ),
  )
}

/** A block as plain lines. */
function wordsOf(block: Block): string[] {
  const text = (value: unknown): string => plain((value as { text?: string } | undefined)?.text ?? '')
  if (block.type === 'actions')
    return [
      (block['elements'] as { text?: unknown; placeholder?: unknown }[])
        .map((element) => `[ ${text(element.text ?? element.placeholder)} ]`)
        .join(' '),
    ]
  const fields = block['fields'] ?? block['elements']
  if (Array.isArray(fields)) return [fields.map((field) => text(field).replace('\n', ': ')).join('    ')]
  return text(block['text']).split('\n')
}

const plain = (mrkdwn: string): string =>
  mrkdwn
    .replace(/<!date\^\d+\^[^|<]*\|([^>]*)>/g, '$1')
    .replace(/<@([^>|<]+)>/g, '@$1')
    .replace(/<[^>|<]+\|([^>]*)>/g, '$1')
    .replace(/\*/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')

function unused(what: string, lines: { line: number; reason: string }[]): string[] {
  if (lines.length === 0) return []
  const shown = lines.slice(0, UNUSED_SHOWN).map(({ line, reason }) => `    line ${line}: ${reason}`)
  const more = lines.length > UNUSED_SHOWN ? [`    and ${lines.length - UNUSED_SHOWN} more`] : []
  return [[`${count(lines.length, 'message')} ${what}`, ...shown, ...more].join('\n')]
}
