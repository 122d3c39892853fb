// What happened to an incident, line by line, and what each kind of line means to people.
import type { Person } from './person.ts'

interface KindOfEntry {
  /** Told in the thread when it happens; the rest is told along with the next of these. */
  toldAtOnce: boolean
  /** Whoever should take over is mentioned. */
  callsSomebody: boolean
  icon: string
}

const told = (icon = '·'): KindOfEntry => ({ toldAtOnce: true, callsSomebody: false, icon })
const calls = (icon = '·'): KindOfEntry => ({ toldAtOnce: true, callsSomebody: true, icon })
const later = (icon = '·'): KindOfEntry => ({ toldAtOnce: false, callsSomebody: false, icon })

const TABLE = {
  opened: later('●'),
  joined: later('+'),
  severity: told('▲'),
  cause: later(),
  acknowledged: told('◉'),
  unacknowledged: told(),
  snoozed: told(),
  woke: told(),
  escalated: calls(),
  resolved: told('✓'),
  reopened: told('↺'),
  merged: told(),
  split: told(),
  flapping: told(),
  steady: told(),
  proposed: later(),
  approved: told(),
  rejected: told(),
  withdrawn: told(),
  acted: later(),
  verified: told(),
  'handed over': calls(),
  recurring: calls(),
  stopped: told(),
  denied: told(),
}

export type EntryKind = keyof typeof TABLE

export const ENTRY_KINDS: Readonly<Record<EntryKind, KindOfEntry>> = TABLE

/** One line: append-only. `text` is plain text, escaped where it is shown; beside it stands whom and what it is about. */
export interface Entry {
  at: number
  kind: EntryKind
  text: string
  who?: Person
  service?: string
  /** Id of a run. */
  run?: string
}
