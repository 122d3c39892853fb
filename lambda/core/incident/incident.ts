// What is true about an incident now: its shape, the states it can be in, and what moves it from one to the next.
import type { Severity, Signal } from '../facts/signals.ts'
import type { Heartbeat } from '../watchdog/heartbeat.ts'
import type { Remediations, Run } from './run.ts'
import { own } from '../words/words.ts'

export const STATUSES = ['held', 'open', 'acknowledged', 'snoozed', 'resolved', 'merged'] as const
export type Status = (typeof STATUSES)[number]

export type Event =
  | 'raise' // the hold is over, or something that is not held joined
  | 'acknowledge'
  | 'unacknowledge'
  | 'snooze'
  | 'wake' // the snooze is over, or a new service broke it
  | 'resolve'
  | 'recover' // nothing fires any more, and the grace time has passed
  | 'reopen' // a person
  | 'refire' // an alarm, inside the reopen window
  | 'merge'

/** The state machine: what is not listed cannot happen. */
const MOVES: Record<Status, Partial<Record<Event, Status>>> = {
  held: {
    raise: 'open',
    acknowledge: 'acknowledged',
    snooze: 'snoozed',
    resolve: 'resolved',
    recover: 'resolved',
    merge: 'merged',
  },
  open: { acknowledge: 'acknowledged', snooze: 'snoozed', resolve: 'resolved', recover: 'resolved', merge: 'merged' },
  acknowledged: { unacknowledge: 'open', snooze: 'snoozed', resolve: 'resolved', recover: 'resolved', merge: 'merged' },
  snoozed: {
    acknowledge: 'acknowledged',
    unacknowledge: 'open',
    snooze: 'snoozed',
    wake: 'open',
    resolve: 'resolved',
    recover: 'resolved',
    merge: 'merged',
  },
  resolved: { reopen: 'open', refire: 'open', merge: 'merged' },
  merged: {},
}

export const after = (status: Status, event: Event): Status | undefined => MOVES[status][event]

export interface Person {
  id: string
  name: string
}

export type EntryKind =
  | 'opened'
  | 'joined'
  | 'severity'
  | 'cause'
  | 'acknowledged'
  | 'unacknowledged'
  | 'snoozed'
  | 'woke'
  | 'escalated'
  | 'resolved'
  | 'reopened'
  | 'merged'
  | 'split'
  | 'flapping'
  | 'steady'
  | 'proposed'
  | 'approved'
  | 'rejected'
  | 'withdrawn'
  | 'acted'
  | 'verified'
  | 'handed over'
  | 'recurring'
  | 'stopped'
  | 'denied'

/** One line of the timeline: append-only; `text` is plain text, escaped where it is shown. */
export interface Entry {
  at: number
  kind: EntryKind
  text: string
}

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

export interface SlackState {
  ts?: string
  /** `change` that the message shows, and the status it shows it in. */
  shown: number
  as?: Status
  /** Entries of the timeline up to this one (counted from the first) are in the thread. */
  threaded: number
  /** A message is on its way and its answer not saved: look for it before sending it again. */
  sending?: { what: 'post' | 'reply'; at: number; upTo: number }
}

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

/** All that is open, or may still reopen: the one thing that is shared, written once a batch. */
export interface Board {
  nextId: number
  incidents: Record<string, Incident>
  /** Messages that could not be read, since the last quiet hour; told in one line of Slack. */
  unreadable?: Unreadable
  remediation?: Remediations
  /** The last one that came to intake. */
  heartbeat?: Heartbeat
  /** When Slack was last called, ms: the pace outlives a function. */
  paced?: { post: number; edit: number }
}

export interface Unreadable {
  count: number
  since: number
  last: number
  reason: string
  sample: string
  slack: SlackState
}

export const emptyBoard = (): Board => ({ nextId: 1, incidents: {} })

/** Short enough to say aloud, and in the order in which they came. */
export const idOf = (number: number): string => `INC-${String(number).padStart(4, '0')}`

export const isActive = (incident: Incident): boolean => incident.status !== 'resolved' && incident.status !== 'merged'

/** Follows merges to the incident that goes on. */
export function resolveId(board: Board, id: string | undefined, service?: string): Incident | undefined {
  let incident = id === undefined ? undefined : board.incidents[id]
  for (let steps = 0; incident && steps < 100; steps++) {
    const next: string | undefined =
      (service === undefined ? undefined : own(incident.unrelated, service)) ?? incident.mergedInto
    if (next === undefined || !board.incidents[next]) return incident
    incident = board.incidents[next]
  }
  return incident
}

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
