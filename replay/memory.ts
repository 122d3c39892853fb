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
  tag: string
  text: string
  blocks: Block[]
  threadTs?: string
  edits: { at: number }[]
}

export interface MemoryChat extends Chat {
  messages: Map<string, Shown>
  counts: { posts: number; updates: number; threadReplies: number; refused: number }
}

/** Slack allows one message a second per channel, and as many edits. */
const ALLOWED_EVERY_MS = 1000

export function memoryChat(now: () => number): MemoryChat {
  const last = { post: -Infinity, edit: -Infinity }
  let sequence = 0
  const refuses = (lane: 'post' | 'edit'): Sent | undefined => {
    const left = last[lane] + ALLOWED_EVERY_MS - now()
    if (left > 0) {
      chat.counts.refused++
      return { is: 'retry', afterSeconds: Math.ceil(left / 1000) }
    }
    last[lane] = now()
    return undefined
  }
  const blocksOf = (message: Message): Block[] => message.blocks ?? []

  const chat: MemoryChat = {
    messages: new Map(),
    counts: { posts: 0, updates: 0, threadReplies: 0, refused: 0 },
    async post(message, tag, threadTs) {
      const refusal = refuses('post')
      if (refusal) return refusal
      chat.counts[threadTs === undefined ? 'posts' : 'threadReplies']++
      const ts = `${Math.floor(now() / 1000)}.${String(++sequence).padStart(6, '0')}`
      chat.messages.set(ts, {
        ts,
        tag,
        text: message.text,
        blocks: blocksOf(message),
        edits: [],
        ...(threadTs !== undefined && { threadTs }),
      })
      return { is: 'sent', ts }
    },
    async update(ts, message) {
      const refusal = refuses('edit')
      if (refusal) return refusal
      const shown = chat.messages.get(ts)
      if (!shown) return { is: 'gone' }
      chat.counts.updates++
      shown.edits.push({ at: now() })
      Object.assign(shown, { text: message.text, blocks: blocksOf(message) })
      return { is: 'sent', ts }
    },
    async find(tag, sinceMs, threadTs) {
      for (const shown of chat.messages.values())
        if (shown.tag === tag && shown.threadTs === threadTs && Number(shown.ts) * 1000 >= sinceMs) return shown.ts
      return undefined
    },
  }
  return chat
}

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
