// What is true about an incident now: its shape, the states it can be in, and what moves it from one to the next.
import type { Severity, Signal } from '../facts/signals.ts'
import type { Run } from './run.ts'
import type { Person } from './person.ts'
import type { SlackState } from '../notify/ledger.ts'
import type { Entry } from './timeline.ts'
import type { Status } from './status.ts'

/** What is known of one service's alarms of one signal. Times in ms, `excess` as in `excessOf`. */
export interface Tally {
  firing: number
  total: number
  from: number
  excess: number
  /** Key of the alarm that fired first: the one to show. */
  lead: string
}

export type Member = Partial<Record<Signal, Tally>>

export interface Incident {
  id: string
  status: Status
  severity: Severity
  /** When it was opened, by the clock of the first alarm. */
  openedAt: number
  /** First and last change of its alarms. */
  firstAt: number
  lastAt: number
  /** Members by service. */
  services: Record<string, Member>
  /** How many alarms fire now. */
  firing: number
  /** When the last alarm so far recovered; unset after a person reopened it, until the next change. */
  quietSince?: number
  acknowledged?: { by: Person; at: number }
  snoozed?: { by: Person; at: number; until: number }
  resolved?: { by?: Person; at: number }
  heldUntil?: number
  /** Alarms that flap, and until when at least, by key. */
  flapping?: Record<string, { name: string; until: number }>
  /** When an alarm last brought it back after its end. */
  refiredAt?: number
  /** When the last one that flapped was steady again. */
  steadyAt?: number
  /** Services that a person said have nothing to do with it, and the incident they went to. */
  unrelated?: Record<string, string>
  mergedInto?: string
  /** Runbooks that were proposed for it, or ran, in their order. */
  runs?: Run[]
  /** Since when nobody is on it: the escalation counts from here. */
  waitingSince: number
  /** How many steps of the escalation were told since then. */
  escalated: number
  /** First cause that was told. */
  cause?: string
  timeline: Entry[]
  /** How many entries were filed away before the first of `timeline`. */
  filed: number
  /** Counts what can be seen. */
  change: number
  slack: SlackState
}

export const isActive = (incident: Incident): boolean => incident.status !== 'resolved' && incident.status !== 'merged'

/** When all that flap, or did, are steady; 0 where nothing ever flapped. */
export const steadyFrom = ({ steadyAt, flapping }: Incident): number =>
  Math.max(steadyAt ?? 0, ...Object.values(flapping ?? {}).map(({ until }) => until))

export function combine(a: Tally, b: Tally): Tally {
  const first = a.from < b.from || (a.from === b.from && a.lead <= b.lead) ? a : b
  return {
    firing: a.firing + b.firing,
    total: a.total + b.total,
    from: first.from,
    excess: Math.max(a.excess, b.excess),
    lead: first.lead,
  }
}
