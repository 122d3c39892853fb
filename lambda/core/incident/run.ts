// What is true about one run of a runbook: its shape, the states it can be in, and what moves it from one to the next.
import type { Person } from './person.ts'

export const RUN_STATUSES = [
  'looking', // reads the target, to say what it would do
  'proposed',
  'approved', // about to begin
  'running',
  'verifying',
  'succeeded',
  'failed', // handed over
  'rejected',
  'expired',
  'withdrawn', // not needed any more, or not possible
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

/** `undone`: taken back, because the fix did not help. Times in ms. */
export interface RunStep {
  name: string
  status: 'running' | 'done' | 'failed' | 'undone'
  at: number
  endedAt?: number
  /** How far it is, what it achieved, or why it failed. */
  text?: string
}

export interface PlannedStep {
  name: string
  touches: string
  calls: string[]
}

export interface Run {
  /** Like `INC-0001-1`. */
  id: string
  runbook: string
  title: string
  service: string
  mode: 'suggest' | 'auto'
  destructive: boolean
  status: RunStatus
  /** Approvals that it takes, and those it has. */
  needed: number
  approvals: { by: Person; at: number }[]
  /** Who asked for it, where it was not proposed by itself. */
  askedBy?: Person
  /** Counts its looks and starts: the durable execution's name holds it. */
  attempt: number
  /** When the execution that should be under way was last ordered. */
  orderedAt: number
  /** The execution that began to act. */
  owner?: number
  /** What was seen, and what would be done. */
  plan?: { at: number; found: string; steps: PlannedStep[] }
  /** The name that its target is locked by. */
  lock?: string
  /** Why it ended, or why it asks although it might run by itself. */
  why?: string
  steps: RunStep[]
  createdAt: number
  proposedAt?: number
  approvedAt?: number
  startedAt?: number
  actedAt?: number
  endedAt?: number
  /** By then it has ended, or is lost. */
  deadline?: number
}

/** What is remembered of runs after their incidents: for the lock, the cooldown, the caps and the recurrence. */
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

export const isUnderWay = ({ status }: Run): boolean => status === 'running' || status === 'verifying'
/** Waits for its execution to begin. */
export const isOrdered = ({ status }: Run): boolean => status === 'looking' || status === 'approved'
export const isPending = (run: Run): boolean => isOrdered(run) || run.status === 'proposed'
