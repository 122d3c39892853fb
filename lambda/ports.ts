// Everything outside that a stage may use, as it needs it. Each stage asks for the slice it uses; adapters and fakes implement these.
import type { Block } from './core/blocks.ts'
import type { Rules } from './core/rules.ts'

export type { Block } from './core/blocks.ts'

/** One stored thing: `body` is JSON, `rev` counts its writes, `expires` is the second at which DynamoDB may delete it. */
export interface Item {
  pk: string
  sk: string
  rev: number
  body: string
  expires?: number
}

export type Key = Pick<Item, 'pk' | 'sk'>

/** One table, single-item conditional writes, strongly consistent reads. Every call may throw when a retry can help. */
export interface Table {
  get(key: Key): Promise<Item | undefined>
  /** At most 100 keys; what is not there is left out; in no order. */
  getMany(keys: Key[]): Promise<Item[]>
  /** Writes if the stored `rev` is `expected` (0: nothing stored). False if it is not. */
  replace(item: Item, expected: number): Promise<boolean>
  /** Writes unless the same or a newer `rev` is stored. */
  advance(item: Item): Promise<void>
  /** All items of a partition whose sort key begins so, in its order. */
  list(pk: string, prefix: string): Promise<Item[]>
}

/** Says that something on the board changed. What it is, the reader sees for itself. */
export interface Notices {
  changed(): Promise<void>
}

/** Keeps what could not be read. */
export interface DeadLetters {
  keep(body: string, reason: string): Promise<void>
}

/** Wakes the escalate stage for an incident at a time (ms). The same time again adds nothing. */
export interface Timers {
  wake(incident: string, at: number): Promise<void>
}

export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}

export interface Message {
  text: string
  blocks?: Block[]
}

/** `retry`: Slack asks to wait. `gone`: the message is no more. `fail`: trying again would not help; the reason says what to do. */
export type Sent =
  { is: 'sent'; ts: string } | { is: 'retry'; afterSeconds: number } | { is: 'gone' } | { is: 'fail'; reason: string }

/** `tag` marks a message so that it can be found again: the incident and what of it was sent. */
export interface Chat {
  post(message: Message, tag: string, threadTs?: string): Promise<Sent>
  update(ts: string, message: Message): Promise<Sent>
  /** Looks for a message with this tag among those since `sinceMs`, in the channel or in a thread. */
  find(tag: string, sinceMs: number, threadTs?: string): Promise<string | undefined>
}

/** What a click needs while the person waits: an answer only they see, and a dialog. */
export interface Dialogs {
  whisper(responseUrl: string, text: string): Promise<void>
  open(triggerId: string, view: Record<string, unknown>): Promise<void>
}

export interface Secrets {
  /** Newest first; two while one rotates. */
  signingSecrets(): Promise<string[]>
}

/** One line of structured log. */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>): void
}

export interface Runtime {
  table: Table
  notices: Notices
  deadLetters: DeadLetters
  timers: Timers
  clock: Clock
  chat: Chat
  dialogs: Dialogs
  secrets: Secrets
  log: Log
  rules: Rules
}
