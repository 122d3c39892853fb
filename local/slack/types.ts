/** The vocabulary of the fake Slack: people, channels, messages, modals, and what the page is shown. */

export interface Person {
  id: string
  name: string
  /** Shown beside the name, for example "on call". */
  role: string
}

export interface Channel {
  id: string
  name: string
  isPrivate?: boolean
}

/** Block Kit JSON is open-ended: its known parts are checked in blocks.ts, the rest is passed on. */
export interface Block {
  type: string
  block_id?: string
  [key: string]: unknown
}

export interface Element {
  type: string
  action_id?: string
  [key: string]: unknown
}

export interface Option {
  text: { type: string; text: string; emoji?: boolean }
  value: string
  description?: { type: string; text: string }
}

export interface Metadata {
  event_type: string
  event_payload: Record<string, unknown>
}

export interface Message {
  type: 'message'
  subtype?: 'thread_broadcast'
  channel: string
  /** Seconds and microseconds, unique in the workspace, as Slack's: it is the message's id. */
  ts: string
  user: string
  text: string
  bot_id?: string
  app_id?: string
  blocks?: Block[]
  thread_ts?: string
  edited?: { user: string; ts: string }
  metadata?: Metadata
  reactions?: { name: string; users: string[]; count: number }[]
  /** Only this person sees it ("Only visible to you"). */
  visibleTo?: string
}

export type StateValue = {
  type: string
  value?: string | null
  selected_option?: Option | null
  selected_options?: Option[]
}

/** block_id, then action_id. */
export type StateValues = Record<string, Record<string, StateValue>>

export interface View {
  id: string
  team_id: string
  type: 'modal'
  title: { type: string; text: string }
  submit?: { type: string; text: string } | null
  close?: { type: string; text: string } | null
  blocks: Block[]
  private_metadata: string
  callback_id: string
  external_id: string
  clear_on_close: boolean
  notify_on_close: boolean
  hash: string
  root_view_id: string
  previous_view_id: string | null
  app_id: string
  bot_id: string
  state: { values: StateValues }
}

export interface Stats {
  posts: number
  updates: number
  threadReplies: number
  ephemerals: number
  /** Calls answered 429 or 503. */
  refused: number
}

export interface Snapshot {
  me: string
  people: Person[]
  bot: Person
  channels: readonly Channel[]
  /** Everything this person may see, oldest first, thread replies included. */
  messages: Message[]
  /** The modal on top, if one is open for this person. */
  view?: View
  stats: Stats
}

/** An answer in place of Slack's own; text is sent as it is. */
export interface Reply {
  /** @default 200 */
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** One call of the Web API as it came. */
export interface Asked {
  method: string
  token: string | undefined
  args: Record<string, unknown>
}

export interface SlackOptions {
  /** A valid one, or all valid ones. */
  token: string | readonly string[]
  signingSecret: string
  /** Where the app under test listens for clicks. */
  interactivityUrl: () => string
  channels: readonly Channel[]
  /** @default Ana (on call), Ben (colleague) and Gus (guest) */
  people?: Person[]
  /** Slack's own clock in milliseconds: it makes ts, paces the rate limit and ends trigger ids. @default Date.now */
  now?: () => number
  /** Sent in a header, and refused without, as Slack does. */
  scopes?: readonly string[]
  /** Called for every call, including refused ones. */
  asked?: (call: Asked) => void
  /** Per method and channel. @default 1, as Slack allows; Infinity turns the limit off */
  messagesPerSecond?: number
}
