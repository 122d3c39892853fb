// An incident's timeline: its entries, and how each kind of entry reaches people.
import type { Person } from './person.ts'

interface KindOfEntry {
  /** Posted to the thread as it happens; the other kinds go out with the next one of these. */
  toldAtOnce: boolean
  /** Mentions the people who should take over. */
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
  called: told(),
  moved: told(),
  digested: later(),
  resolved: told('✓'),
  reopened: told('↺'),
  merged: told(),
  split: told(),
  deleted: told('⌫'),
  flapping: told(),
  steady: told(),
  proposed: later(),
  approved: told(),
  rejected: told(),
  withdrawn: told(),
  acted: later(),
  verified: told(),
  'handed over': calls(),
  mitigated: calls('◐'),
  reminded: calls(),
  left: told(),
  'left nothing': told(),
  recurring: calls(),
  stopped: told(),
  denied: told(),
  restored: calls(),
}

export type EntryKind = keyof typeof TABLE

export const ENTRY_KINDS: Readonly<Record<EntryKind, KindOfEntry>> = TABLE

/** One entry; the timeline is append-only. `text` is plain text, escaped on display; the other fields say whom and what it is about. */
export interface Entry {
  at: number
  kind: EntryKind
  text: string
  who?: Person
  service?: string
  /** Id of a run. */
  run?: string
  /** A team that is called with this, and where. */
  team?: string
  place?: string
}
