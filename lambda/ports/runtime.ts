// Everything outside that a stage may use. Each stage asks for the slice it needs; adapters and fakes implement these interfaces.
import type { Counts, Level } from '../core/watchdog/metrics.ts'
import type { Rules } from '../core/services/rules.ts'

import type { Chat, Dialogs, People, Probe, Secrets } from './slack.ts'
import type { Clock } from './clock.ts'
import type { Runs, Timers } from './runs.ts'
import type { ToolsFor } from './tools.ts'
import type { Table } from './table.ts'

/** Announces that a place may have something to be told. The reader sees for itself what it is. */
export interface Notices {
  changed(place: string): Promise<void>
}

export interface Incoming {
  id: string
  body: string
  /** When the queue got it, in ms: the same however often it is delivered. */
  sentAt?: number
}

/** A message that is nobody else's until its visibility timeout has passed. */
export interface Received extends Incoming {
  receipt: string
}

/** The queue of alarms. Lambda hands over what is in it; this is for what goes beyond that. */
export interface Inbox {
  put(event: unknown): Promise<void>
  /** At once, what is there: perhaps nothing although there is something, since SQS asks only some of its machines. */
  receive(most: number): Promise<Received[]>
  /** Throws if some stay, which then come again. */
  remove(received: readonly Received[]): Promise<void>
}

/** Keeps what could not be read. */
export interface DeadLetters {
  keep(body: string, reason: string): Promise<void>
}

/** The alarm that Tocsin rings to prove that it works. */
export interface Bell {
  /** Makes the alarm fire, even if it still does. */
  ring(): Promise<void>
}

/** Writes one line of structured log. Counts become metrics if the deployment has them. */
export interface Log {
  (level: Level, message: string, facts?: Record<string, unknown>, counts?: Counts): void
}

export interface Runtime {
  table: Table
  notices: Notices
  deadLetters: DeadLetters
  /** Key of the alarm that is Tocsin's own heartbeat, if it has one. */
  heartbeat?: string
  timers: Timers
  runs: Runs
  /** Connects when it is used. */
  tools: ToolsFor
  people: People
  clock: Clock
  chat: Chat
  /** Set if there is a heartbeat. */
  probe?: Probe
  dialogs: Dialogs
  secrets: Secrets
  log: Log
  rules: Rules
}
