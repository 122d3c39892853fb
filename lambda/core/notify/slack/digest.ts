// The digest of a flood: how many incidents are open, the worst of them with a line and a button each, and who is called about them.
import { causesOf } from '../../correlate/cause.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Rules } from '../../services/rules.ts'
import { cut, duration, enumerate, plural } from '../../words/words.ts'
import type { InDigest } from '../digest.ts'
import { context, plain, section, type Block, type Message } from './blocks.ts'
import { openButton } from './buttons.ts'
import { MENTIONS_MOST } from './history.ts'
import { emojiOf, mention, TEXT_MOST } from './message.ts'
import { safe, time } from './mrkdwn.ts'
import { titleOf } from './title.ts'

/** `worst`: those that have a line, as they are now. */
export function renderDigest({ digest, open }: InDigest, worst: readonly Incident[], rules: Rules): Message {
  const { since, count, own } = digest
  const shared = count - own
  const isOver = open.length === 0
  const over = shared > 0 ? `✅ ${are(shared, 'over')}` : `↪️ ${plural(own, 'more incident')}, with ${messages(own)}`
  const head = isOver ? over : `${emojiOf(worst[0]!)} ${are(open.length, 'open')}`
  const parts = [
    `${open.length} open`,
    ...(shared > open.length ? [`${shared - open.length} over`] : []),
    ...(own > 0 ? [`${own} with ${messages(own)}`] : []),
  ]
  const titles = worst.map((incident) => titleOf(incident, causesOf(incident, rules), rules))
  const when = `since ${time(since, rules.config.timeZone)}`
  const unlisted = open.length - worst.length
  return {
    text: cut(`${head}${isOver ? '' : `. Worst: ${safe(titles[0]!)}`}`, TEXT_MOST),
    blocks: [
      { type: 'header', text: plain(head) },
      context(parts.length > 1 ? `${when} · ${count} in all: ${enumerate(parts)}` : when),
      ...worst.map((incident, place) => line(incident, titles[place]!)),
      ...(unlisted > 0 ? [context(`and ${unlisted} more, no worse than these`)] : []),
      ...(isOver ? [] : [context(WHY)]),
    ],
  }
}

const messages = (own: number): string => `${own === 1 ? 'a message of its' : 'messages of their'} own`
const are = (n: number, state: string): string => `${plural(n, 'more incident')} ${n === 1 ? 'is' : 'are'} ${state}`

const WHY =
  'Too many at once for a message each. *Open* gives one its own, with its buttons; a critical one has its own anyway.'

const TITLE_MOST = 60

/** Two rows on a phone, beside its button. */
function line(incident: Incident, title: string): Block {
  const words = `${emojiOf(incident)} *${incident.id}* ${safe(cut(title, TITLE_MOST))}`
  return { ...section(words), block_id: `incident:${incident.id}`, accessory: openButton() }
}

/** For its thread, and the channel. `told`: how many calls are there already. */
export function renderDigestCall({ digest: { calls = [] }, open }: InDigest, told: number, rules: Rules): Message {
  const untold = calls.filter(({ number }) => number > told)
  const whom = [...new Set(untold.flatMap((call) => call.whom))]
  const waited = Math.max(0, ...untold.map((call) => call.waited))
  const at = untold.at(-1)?.at ?? 0
  const them = open.length === 1 ? 'the incident' : `the ${open.length} incidents`
  const words = `${enumerate(whom.map(mention), MENTIONS_MOST)}\n${time(at, rules.config.timeZone)} Nobody has acknowledged ${them} of this digest for ${duration(waited)}. *Open* gives one a message of its own, with its buttons.`
  return { text: words, blocks: [section(words)] }
}
