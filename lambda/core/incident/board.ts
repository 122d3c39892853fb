// The board, and how an incident is found on it.
import type { Heartbeat } from '../watchdog/heartbeat.ts'
import type { Remediations } from './run.ts'
import { own } from '../words/words.ts'
import type { SlackState } from '../notify/ledger.ts'
import type { Incident } from './incident.ts'

/** Everything that is open or may still reopen: the only shared state, written once per batch. */
export interface Board {
  nextId: number
  incidents: Record<string, Incident>
  /** Messages that could not be read since the last quiet hour; told in a single Slack message. */
  unreadable?: Unreadable
  remediation?: Remediations
  /** The last heartbeat that reached intake. */
  heartbeat?: Heartbeat
  /** When Slack was last called, in ms: kept here so that the pace outlives a function. */
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

/** Short enough to say aloud, and in the order in which incidents opened. */
export const idOf = (number: number): string => `INC-${String(number).padStart(4, '0')}`

/** Follows merges, and services that were taken out, to the incident that goes on. */
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
