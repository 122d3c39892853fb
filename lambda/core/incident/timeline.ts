// What happened to an incident, line by line.

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

/** Whoever should take over is mentioned. */
export const CALLS_SOMEBODY: ReadonlySet<EntryKind> = new Set<EntryKind>(['escalated', 'handed over', 'recurring'])

/** Told in the thread when it happens; the rest is told along with the next of these. */
export const TOLD_AT_ONCE: ReadonlySet<EntryKind> = new Set<EntryKind>([
  'severity',
  'acknowledged',
  'unacknowledged',
  'snoozed',
  'woke',
  'escalated',
  'resolved',
  'reopened',
  'merged',
  'split',
  'flapping',
  'steady',
  'approved',
  'rejected',
  'withdrawn',
  'verified',
  'handed over',
  'recurring',
  'stopped',
  'denied',
])
