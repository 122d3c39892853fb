/** The state of the fake workspace: who is in it, every message, open modals, and who wants to hear of changes. */
import { randomBytes } from 'node:crypto'
import type { Block, Channel, Message, Person, SlackOptions, Snapshot, Stats, View } from './types.ts'

export const TEAM = { id: 'T0TOCSIN', domain: 'tocsin-local' }
export const APP_ID = 'A0TOCSIN'
export const BOT_ID = 'B0TOCSIN'
export const BOT: Person = { id: 'U0TOCSIN', name: 'Tocsin', role: 'app' }

export const PEOPLE: Person[] = [
  { id: 'U0ANA', name: 'Ana', role: 'on call' },
  { id: 'U0BEN', name: 'Ben', role: 'colleague' },
  { id: 'U0GUS', name: 'Gus', role: 'guest' },
]

export interface Workspace {
  readonly people: Person[]
  readonly channels: readonly Channel[]
  setChannels: (channels: readonly Channel[]) => void
  readonly stats: Stats
  now: () => number
  nextTs: () => string
  /** By id, or by name with or without "#". */
  channel: (idOrName: string) => Channel | undefined
  person: (id: string) => Person | undefined
  messages: (channel: string) => Message[]
  find: (channel: string, ts: string) => Message | undefined
  add: (message: Message) => Message
  /** Replaces the old fields with the new ones; a field given as undefined is removed. */
  change: (message: Message, fields: { [K in keyof Message]?: Message[K] | undefined }) => Message
  remove: (message: Message) => void
  /** The stack of modals open for this person, bottom first. */
  views: Map<string, View[]>
  snapshot: (forUserId?: string) => Snapshot
  subscribe: (listener: () => void) => () => void
  changed: () => void
  clear: () => void
}

export const shortId = (prefix: string) => prefix + randomBytes(5).toString('hex').toUpperCase()

/** Slack gives blocks and elements an id if the app gave none. */
export function withIds(blocks: Block[]): Block[] {
  const named = (item: Record<string, unknown>) => ({ ...item, action_id: item.action_id ?? shortId('') })
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? shortId(''),
    ...(block.type === 'actions' && { elements: (block.elements as Record<string, unknown>[]).map(named) }),
    ...(block.type === 'input' && { element: named(block.element as Record<string, unknown>) }),
    ...(isInteractive(block.accessory) && { accessory: named(block.accessory) }),
  }))
}

const isInteractive = (accessory: unknown): accessory is Record<string, unknown> =>
  typeof accessory === 'object' && accessory !== null && (accessory as { type?: unknown }).type !== 'image'

export function createWorkspace(options: Pick<SlackOptions, 'channels' | 'people' | 'now'>): Workspace {
  const { people = PEOPLE, now = Date.now } = options
  let channels: readonly Channel[] = options.channels
  const listeners = new Set<() => void>()
  const views = new Map<string, View[]>()
  const stats: Stats = { posts: 0, updates: 0, threadReplies: 0, ephemerals: 0, refused: 0 }
  let all: Message[] = []
  let lastMicros = 0

  const changed = () => listeners.forEach((listener) => listener())
  const visible = (userId: string) => (message: Message) => !message.visibleTo || message.visibleTo === userId

  return {
    people,
    get channels() {
      return channels
    },
    setChannels(next) {
      channels = next
      changed()
    },
    stats,
    views,
    now,
    changed,
    nextTs() {
      lastMicros = Math.max(Math.floor(now() * 1000), lastMicros + 1)
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`
    },
    channel: (idOrName) => channels.find(({ id, name }) => id === idOrName || name === idOrName.replace(/^#/, '')),
    person: (id) => [...people, BOT].find((person) => person.id === id),
    messages: (channel) => all.filter((message) => message.channel === channel),
    find: (channel, ts) => all.find((message) => message.channel === channel && message.ts === ts),
    add(message) {
      all.push(message)
      changed()
      return message
    },
    change(message, fields) {
      const next = Object.fromEntries(
        Object.entries({ ...message, ...fields }).filter(([, value]) => value !== undefined),
      )
      const changedMessage = next as unknown as Message
      all = all.map((other) => (other.ts === message.ts && other.channel === message.channel ? changedMessage : other))
      changed()
      return changedMessage
    },
    remove(message) {
      all = all.filter((other) => other.ts !== message.ts || other.channel !== message.channel)
      changed()
    },
    snapshot(forUserId = people[0]?.id ?? BOT.id) {
      const view = views.get(forUserId)?.at(-1)
      const messages = all.filter(visible(forUserId))
      return { me: forUserId, people, bot: BOT, channels, messages, ...(view && { view }), stats: { ...stats } }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    clear() {
      all = []
      views.clear()
      Object.assign(stats, { posts: 0, updates: 0, threadReplies: 0, ephemerals: 0, refused: 0 })
      changed()
    },
  }
}
