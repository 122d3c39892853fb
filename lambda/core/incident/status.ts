// The states of an incident, and the events that move it between them.

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
export const MOVES: Record<Status, Partial<Record<Event, Status>>> = {
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
