// Everything outside that a stage may use, as it needs it. Each stage asks for the slice it uses; adapters and fakes implement these.
import type { Counts, Level } from '../core/watchdog/metrics.ts'
import type { Target } from '../core/services/config.ts'
import type { Rules } from '../core/services/rules.ts'

import type { Chat, Dialogs, Groups, Probe, Secrets } from './slack.ts'
import type { Clock } from './clock.ts'
import type { Runs, Timers } from './runs.ts'
import type { Tools } from './tools.ts'
import type { Table } from './table.ts'

/** Says that something on the board changed. What it is, the reader sees for itself. */
export interface Notices {
  changed(): Promise<void>
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

/** One line of structured log. What it counts becomes metrics where the deployment has them. */
export interface Log {
  (level: Level, message: string, facts?: Record<string, unknown>, counts?: Counts): void
}

export interface Runtime {
  table: Table
  notices: Notices
  deadLetters: DeadLetters
  /** Key of the alarm that is Tocsin's own heartbeat, where it has one. */
  heartbeat?: string
  timers: Timers
  runs: Runs
  /** For the resources of one service. Connects when it is used. */
  tools: (target: Target) => Tools
  groups: Groups
  clock: Clock
  chat: Chat
  /** Where there is a heartbeat. */
  probe?: Probe
  dialogs: Dialogs
  secrets: Secrets
  log: Log
  rules: Rules
}
