// What goes into an incident's thread, and the message about what could not be read.
import { SECTION_MOST, section, type Message } from './blocks.ts'
import type { Entry } from '../../incident/timeline.ts'
import type { Ignoring, Unreadable } from '../../incident/board.ts'
import { mention } from './message.ts'
import { cut, enumerate } from '../../words/words.ts'
import { safe, time } from './mrkdwn.ts'
import type { Rules } from '../../services/rules.ts'

/** What happened, for the thread. Many joins are summed up in one line, and mentions come first. */
export function renderHistory(entries: readonly Entry[], rules: Rules, called: readonly string[]): Message {
  const text = historyText(entries, rules, called)
  return { text, blocks: [section(text)] }
}

/** `called`: who is mentioned. */
export function historyText(entries: readonly Entry[], rules: Rules, called: readonly string[]): string {
  const joined = entries.filter(({ kind }) => kind === 'joined')
  const summedUp = joined.length > JOINS_SHOWN
  const lines = [
    ...(called.length > 0 ? [enumerate(called.map(mention), MENTIONS_MOST)] : []),
    ...(summedUp ? [`${joined.length} services joined`] : []),
    ...entries
      .filter(({ kind }) => !(summedUp && kind === 'joined'))
      .map(({ at, text: words }) => `${time(at, rules.config.timeZone)} ${safe(cut(words, ENTRY_MOST))}`),
  ]
  let words = lines[0] ?? 'Something changed'
  for (const line of lines.slice(1)) if (words.length + line.length < SECTION_MOST - 1) words += `\n${line}`
  return words
}

const JOINS_SHOWN = 4

export const MENTIONS_MOST = 20

/** Escaping makes it at most five times as long, so one line always fits a section. */
const ENTRY_MOST = 500

export function renderUnreadable(unreadable: Unreadable, rules: Rules): Message {
  const { count, since, reason, sample } = unreadable
  const words = `⚠️ ${count === 1 ? 'A message' : `${count} messages`} since ${time(since, rules.config.timeZone)} could not be read: ${safe(reason)}. Kept in the dead letters. It begins: ${safe(sample)}`
  return { text: words, blocks: [section(words)] }
}

/** Said once, with how to change it. */
export function renderIgnored({ alarm }: Ignoring): Message {
  const words = `ℹ️ Alarms that Auto Scaling makes to scale by are ignored, like \`${safe(cut(alarm, NAME_MOST))}\`: half of them fire whenever there is less to do than there could be. To be told of them, write \`ignoreTargetTracking: false\` into the config; \`ignore\` leaves out others. This is said once.`
  return { text: words, blocks: [section(words)] }
}

const NAME_MOST = 120
