// One run of a runbook: its shape, its states, and the events that move it between them.
import type { Person } from './person.ts'

export const RUN_STATUSES = [
  'looking', // reading the target, to say what it would do
  'proposed',
  'approved', // about to begin
  'running',
  'verifying',
  'succeeded',
  'failed', // handed over
  'rejected',
  'expired',
  'withdrawn', // no longer needed, or not possible
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export type RunEvent =
  | 'propose'
  | 'approve'
  | 'look-again' // a dry run that somebody asked for
  | 'begin'
  | 'acted'
  | 'succeed'
  | 'fail'
  | 'reject'
  | 'expire'
  | 'withdraw'

/** The state machine: what is not listed cannot happen. */
const MOVES: Record<RunStatus, Partial<Record<RunEvent, RunStatus>>> = {
  looking: { propose: 'proposed', approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
  proposed: {
    approve: 'approved',
    'look-again': 'looking',
    reject: 'rejected',
    expire: 'expired',
    withdraw: 'withdrawn',
  },
  approved: { begin: 'running', propose: 'proposed', reject: 'rejected', withdraw: 'withdrawn' },
  running: { acted: 'verifying', fail: 'failed' },
  verifying: { succeed: 'succeeded', fail: 'failed' },
  succeeded: {},
  failed: {},
  rejected: {},
  expired: { 'look-again': 'looking' },
  withdrawn: { 'look-again': 'looking' },
}

export const runAfter = (status: RunStatus, event: RunEvent): RunStatus | undefined => MOVES[status][event]

/** `undone`: rolled back, because the run failed. Times in ms. */
export interface RunStep {
  name: string
  status: 'running' | 'done' | 'failed' | 'undone'
  at: number
  endedAt?: number
  /** Progress so far, what it achieved, or why it failed. */
  text?: string
}

export interface PlannedStep {
  name: string
  touches: string
  calls: string[]
  /** How it is taken back, if it can be. 0.1.0 wrote none. */
  back?: string
}

/** What is approved: a run takes this and nothing else, and nothing beyond its bounds. */
export interface Scope {
  /** At most what, for the question: `up to 80,000 messages of campaign-jobs`. */
  words: string
  /** What it acts on and how, in words for people: `{ queue: 'campaign-jobs', consumers: 'none' }`. They are asked again if one is another by then. */
  on: Record<string, string>
  /** The most that it takes of each, and the numbers that it sets as they were shown. */
  bounds?: Record<string, number>
}

export const NO_SCOPE: Scope = { words: '', on: {} }

/** One thing that a run leaves to do: relief is not the end. */
export interface Leftover {
  /** Unique within its run. */
  id: string
  /** In one line: what is still so, and who or what changes it. */
  text: string
  /** What Tocsin can do about it: the label of its button, and what it asks first. */
  offer?: { label: string; question: string }
  /** How people do it themselves. */
  command?: string
  /** Since when it has been as it must be to end by itself, in ms. */
  since?: number
}

/** What is left to do after a run, as it was when somebody looked last. */
export interface Remainder {
  items: Leftover[]
  /** JSON: what the runbook needs to look again, and to do one of them. */
  about: unknown
  /** Counts the executions that watch it, when the last one was ordered (ms), and which of them has begun. */
  attempt: number
  orderedAt: number
  begun?: number
  /** The one that is being done; without `by`, it ends by itself. It counts as lost after `until` (ms). */
  doing?: { id: string; by?: Person; at: number; until: number; text?: string }
  /** Why the one that was last tried could not be done. */
  failed?: { id: string; why: string }
}

export interface Run {
  /** Like `INC-0001-1`. */
  id: string
  /** When it was proposed, as part of its name outside (`nameOutside`): after a restore, an id may be given again. Runs of 0.1.0 have none. */
  stamp?: string
  runbook: string
  title: string
  service: string
  mode: 'suggest' | 'auto'
  destructive: boolean
  status: RunStatus
  /** Approvals required, and those given. */
  needed: number
  approvals: { by: Person; at: number }[]
  /** Who first asked for a dry run of it, if anybody did. */
  askedBy?: Person
  /** Counts looks and starts; part of the durable execution's name. */
  attempt: number
  /** When its execution was last ordered. */
  orderedAt: number
  /** `attempt` of the execution that began to act. */
  owner?: number
  /** What the look found, and what the run would do. 0.1.0 wrote no scope. */
  plan?: { at: number; found: string; steps: PlannedStep[]; scope?: Scope }
  /** Name of the lock on its target. */
  lock?: string
  /** Why it ended, or why it waits for approval although it may run by itself. */
  why?: string
  steps: RunStep[]
  createdAt: number
  proposedAt?: number
  approvedAt?: number
  startedAt?: number
  actedAt?: number
  endedAt?: number
  /** If it has not ended by then, it is lost. */
  deadline?: number
  /** Unset as soon as nothing is left. */
  left?: Remainder
}

/** What is kept of a run after its incident is gone: for the lock, the cooldown, the caps and recurrence. */
export interface RunRecord {
  run: string
  runbook: string
  lock: string
  mode: 'suggest' | 'auto'
  startedAt: number
  endedAt?: number
  ok?: boolean
}

export interface Remediations {
  stopped?: { by: Person; at: number }
  history: RunRecord[]
}

/** Its name in what is found from outside: the evidence that it keeps, and its executions. */
export const nameOutside = ({ id, stamp }: Pick<Run, 'id' | 'stamp'>): string =>
  stamp === undefined ? id : `${id}-${stamp}`

/** Its id, and its stamp if it has one: a letter, and five more. */
const NAME = /^(.+-\d+)(?:-([a-z][0-9a-z]{5,}))?$/

export function partsOfName(name: string): { id: string; stamp?: string } | undefined {
  const [, id, stamp] = NAME.exec(name) ?? []
  return id === undefined ? undefined : { id, ...(stamp !== undefined && { stamp }) }
}

export const stampOf = (now: number): string => Math.floor(now / 1000).toString(36)

/** The runbook of a run whose record cannot be read. Nothing more is proposed in its incident: nobody knows what it did. */
export const LOST = 'unknown'
export const isLost = ({ runbook }: Run): boolean => runbook === LOST

export const isUnderWay = ({ status }: Run): boolean => status === 'running' || status === 'verifying'
/** Waiting for its execution to begin. */
export const isOrdered = ({ status }: Run): boolean => status === 'looking' || status === 'approved'
export const isPending = (run: Run): boolean => isOrdered(run) || run.status === 'proposed'
