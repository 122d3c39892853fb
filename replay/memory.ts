// The world outside, in memory: a table, and a Slack that counts and paces. For replay, benchmarks and tests.
// This Slack replaces the port, without the adapter: no HTTP and no block checks, so that ten thousand alarms replay in seconds. What Slack
// accepts and refuses is the business of the fake Slack in `local/slack`.
import type { Block } from '../lambda/core/notify/slack/blocks.ts'
import type { Chat, Dialogs, Message, Sent } from '../lambda/ports/slack.ts'
import type { Item, Key, Table } from '../lambda/ports/table.ts'

export interface MemoryTable extends Table {
  writes: number
  reads: number
  items(): Iterable<Item>
}

export function memoryTable(): MemoryTable {
  const stored = new Map<string, Map<string, Item>>()
  const at = ({ pk, sk }: Key): Item | undefined => stored.get(pk)?.get(sk)
  const put = (item: Item): void => {
    const partition = stored.get(item.pk) ?? new Map<string, Item>()
    stored.set(item.pk, partition.set(item.sk, item))
  }
  const table: MemoryTable = {
    writes: 0,
    reads: 0,
    *items() {
      for (const partition of stored.values()) yield* partition.values()
    },
    async get(key) {
      table.reads++
      return at(key)
    },
    async getMany(keys) {
      table.reads++
      return keys.map(at).filter((item) => item !== undefined)
    },
    async replace(item, expected) {
      table.writes++
      if ((at(item)?.rev ?? 0) !== expected) return false
      put(item)
      return true
    },
    async advance(item) {
      table.writes++
      if ((at(item)?.rev ?? 0) < item.rev) put(item)
    },
    async remove(key, expected) {
      table.writes++
      if ((at(key)?.rev ?? 0) !== expected) return false
      stored.get(key.pk)?.delete(key.sk)
      return true
    },
    async scan() {
      table.reads++
      return [...table.items()]
    },
    async list(pk, prefix) {
      table.reads++
      return [...(stored.get(pk)?.values() ?? [])]
        .filter(({ sk }) => sk.startsWith(prefix))
        .sort((a, b) => (a.sk < b.sk ? -1 : 1))
    },
  }
  return table
}

export interface Shown {
  ts: string
  at: number
  tag: string
  channel: string
  text: string
  blocks: Block[]
  threadTs?: string
  /** A reply that its channel shows as well. */
  isInChannel?: boolean
  /** As it was posted: later edits mention nobody. */
  mentions: readonly string[]
  /** `was`: what it showed before. */
  edits: { at: number; was: Block[] }[]
}

export interface MemoryChat extends Chat {
  /** By reference: the channel and the timestamp, as Slack's are. */
  messages: Map<string, Shown>
  counts: { posts: number; updates: number; threadReplies: number; refused: number }
}

/** Slack allows one message a second per channel. https://docs.slack.dev/apis/web-api/rate-limits */
const POSTS_EVERY_MS = 1000
/** And 50 edits a minute for the whole app. */
const MOST_EDITS = 50
const EDITS_WITHIN_MS = 60_000

export function memoryChat(now: () => number): MemoryChat {
  const posted = new Map<string, number>()
  const edits: number[] = []
  let sequence = 0
  const refused = (untilMs: number): Sent => {
    chat.counts.refused++
    return { is: 'retry', afterSeconds: Math.ceil((untilMs - now()) / 1000) }
  }
  const blocksOf = (message: Message): Block[] => message.blocks ?? []

  const chat: MemoryChat = {
    messages: new Map(),
    counts: { posts: 0, updates: 0, threadReplies: 0, refused: 0 },
    resolve: async () => undefined,
    async post(where, message, tag) {
      const parent = 'thread' in where ? chat.messages.get(where.thread) : undefined
      const channel = 'thread' in where ? (parent?.channel ?? '') : where.channel
      const freeAt = (posted.get(channel) ?? -Infinity) + POSTS_EVERY_MS
      if (freeAt > now()) return refused(freeAt)
      posted.set(channel, now())
      chat.counts['thread' in where ? 'threadReplies' : 'posts']++
      const ts = `${Math.floor(now() / 1000)}.${String(++sequence).padStart(6, '0')}`
      const ref = `${channel}/${ts}`
      chat.messages.set(ref, {
        ts,
        at: now(),
        tag,
        channel,
        text: message.text,
        blocks: blocksOf(message),
        edits: [],
        mentions: mentionsIn(blocksOf(message)),
        ...('thread' in where && { threadTs: parent?.ts ?? '', isInChannel: where.inChannel === true }),
      })
      return { is: 'sent', ref }
    },
    async update(ref, message) {
      while (edits.length > 0 && edits[0]! <= now() - EDITS_WITHIN_MS) edits.shift()
      if (edits.length >= MOST_EDITS) return refused(edits[0]! + EDITS_WITHIN_MS)
      edits.push(now())
      const shown = chat.messages.get(ref)
      if (!shown) return { is: 'gone' }
      chat.counts.updates++
      shown.edits.push({ at: now(), was: shown.blocks })
      Object.assign(shown, { text: message.text, blocks: blocksOf(message) })
      return { is: 'sent', ref }
    },
    async find(where, tag, sinceMs) {
      const parent = 'thread' in where ? chat.messages.get(where.thread) : undefined
      for (const [ref, shown] of chat.messages) {
        const isThere =
          'thread' in where
            ? parent !== undefined && shown.threadTs === parent.ts
            : shown.threadTs === undefined && shown.channel === where.channel
        if (isThere && shown.tag === tag && Number(shown.ts) * 1000 >= sinceMs) return { is: 'found', ref }
      }
      return { is: 'missing' }
    },
  }
  return chat
}

/** Ids of the people and groups that a message mentions. */
const mentionsIn = (blocks: readonly Block[]): string[] =>
  [...JSON.stringify(blocks).matchAll(/<(?:@|!subteam\^)(\w+)>/g)].map(([, id]) => id!)

/** Messages that only one person saw, and the dialogs that were opened. */
export interface MemoryDialogs extends Dialogs {
  whispers: string[]
  views: Record<string, unknown>[]
}

export function memoryDialogs(): MemoryDialogs {
  const dialogs: MemoryDialogs = {
    whispers: [],
    views: [],
    async whisper(_url, text) {
      dialogs.whispers.push(text)
    },
    async open(_trigger, view) {
      dialogs.views.push(view)
    },
  }
  return dialogs
}
