// Runs on a board that is being changed: found by id, moved from one state to the next.
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { having, resolveId, wholeOf, type Board } from '../incident/board.ts'
import { partsOfName, runAfter, type Run, type RunEvent, type RunRecord } from '../incident/run.ts'

export interface Found {
  incident: Incident
  run: Run
}

/**
 * Finds a run wherever it is now: an incident that merges gives its runs away. `name`: its id or its name outside, which a run of the same id from
 * before a restore does not share.
 */
export function findRun(board: Board, name: string): Found | undefined {
  const { id, stamp } = partsOfName(name) ?? {}
  const incident = resolveId(board, id?.slice(0, id.lastIndexOf('-')))
  const run = incident?.runs?.find((one) => one.id === id && (stamp === undefined || one.stamp === stamp))
  return incident && run && { incident, run }
}

/** A copy of the run that may be changed; counts as a visible change. */
export function editRun(draft: Draft, { incident, run }: Found): Run {
  const copy = { ...run }
  const edited = draft.edit(incident.id)
  edited.runs = edited.runs!.map((one) => (one.id === run.id ? copy : one))
  return copy
}

/** Moves the state machine; undefined if that move is not allowed. */
export function moveRun(draft: Draft, found: Found, event: RunEvent): Run | undefined {
  const status = runAfter(found.run.status, event)
  if (status === undefined) return undefined
  const run = editRun(draft, found)
  run.status = status
  return run
}

/** The signals of a service that fire now, out of `signals` if given. */
export function firingOf(incident: Incident, service: string, signals?: readonly string[]): string[] {
  return Object.entries(Object.hasOwn(incident.services, service) ? incident.services[service]! : {})
    .filter(([signal, { firing }]) => firing > 0 && (!signals || signals.includes(signal)))
    .map(([signal]) => signal)
}

/** The same over all active incidents: a person may have taken the service out into an incident of its own. */
export const firingAnywhere = (board: Board, service: string, signals?: readonly string[]): string[] => [
  ...new Set(
    wholeOf(
      board,
      having(board, new Set([service])).filter((row) => isActive(row) && Object.hasOwn(row.services, service)),
    ).flatMap((incident) => firingOf(incident, service, signals)),
  ),
]

export const historyOf = (board: Board): RunRecord[] => board.remediation?.history ?? []

/** Enough for every cap, and for weeks of recurrences. */
export const HISTORY_MOST = 200

/** Adds a record, or replaces that of the same run. */
export function remember(draft: Draft, record: RunRecord): void {
  const history = [...historyOf(draft.board).filter(({ run }) => run !== record.run), record].slice(-HISTORY_MOST)
  draft.board.remediation = { ...draft.board.remediation, history }
}

/** Orders its execution. */
export function order(draft: Draft, found: Found): void {
  const run = moveRun(draft, found, 'approve')!
  Object.assign(run, { approvedAt: draft.now, orderedAt: draft.now })
  delete run.why
}
