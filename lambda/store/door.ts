// The one door that every change goes through: load, move, settle what is due, commit, follow up, and announce that something changed.
import { nextDue, settle } from '../core/due/due.ts'
import type { Board } from '../core/incident/board.ts'
import { draftOf, type Draft } from '../core/incident/draft.ts'
import { isOrdered, type Run } from '../core/incident/run.ts'
import type { Alarm } from '../core/incident/alarm.ts'
import type { RunOrder } from '../ports/runs.ts'
import type { Runtime } from '../ports/runtime.ts'
import { commit, load } from './board.ts'

export type DoorSlice = Pick<Runtime, 'table' | 'clock' | 'notices' | 'timers' | 'runs' | 'rules'>

export interface Visit<T> {
  /** Keys of the alarms whose records the move needs. */
  keys?: readonly string[]
  /** Called again from the start if somebody else was faster, so it must change nothing but the draft. */
  move(draft: Draft, alarms: ReadonlyMap<string, Alarm>): T | Promise<T>
  /** Incidents to follow up even if nothing was left to change: whoever changed them may have crashed before doing so. */
  about?(result: T): Iterable<string>
  /** Whether to announce a change although no incident changed. */
  tells?(board: Board): boolean
}

/** How often a commit is tried while others get in between. With a few intakes at once, the first or second try succeeds. */
const MOST_TRIES = 40

/** Throws if a retry can help. */
export async function throughDoor<T>(runtime: DoorSlice, visit: Visit<T>): Promise<T> {
  const now = runtime.clock.now()
  const { draft, result } = await committed(runtime, visit, now)
  const ids = new Set([...(visit.about?.(result) ?? []), ...draft.touched])
  await follow(runtime, draft.board, ids, now)
  if ([...ids].some((id) => isUntold(draft.board, id)) || visit.tells?.(draft.board)) await runtime.notices.changed()
  return result
}

/** There is something to tell, or nobody knows whether it was told. */
function isUntold({ incidents }: Board, id: string): boolean {
  const incident = incidents[id]
  return incident !== undefined && incident.slack.shown !== incident.change
}

async function committed<T>(
  { table, clock, rules }: DoorSlice,
  { keys = [], move }: Visit<T>,
  now: number,
): Promise<{ draft: Draft; result: T }> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const loaded = await load(table, keys)
    const draft = draftOf(loaded.board, rules, now)
    const result = await move(draft, loaded.alarms)
    settle(draft)
    const isNew = draft.isChanged() || loaded.unlanded.length > 0
    if (!isNew || (await commit(table, loaded, draft, clock.now()))) return { draft, result }
    await clock.sleepUpTo(Math.min(200, 5 * 2 ** tries))
  }
  throw new Error(`the board changed ${MOST_TRIES} times while one change was made; trying again later`)
}

/** Orders what these incidents need: executions of their runs, and a wake-up when something falls due. What was due by `now` is done. */
async function follow(
  { runs, timers, rules }: Pick<Runtime, 'runs' | 'timers' | 'rules'>,
  board: Board,
  incidents: Iterable<string>,
  now: number,
): Promise<void> {
  for (const id of incidents) {
    const incident = board.incidents[id]
    if (!incident) continue
    for (const run of incident.runs ?? []) if (isOrdered(run)) await runs.start(run.runbook, orderOf(id, run))
    const due = nextDue(incident, { board, rules })
    if (due !== undefined && due > now) await timers.wake(id, due)
  }
}

const orderOf = (incident: string, run: Run): RunOrder => ({
  incident,
  run: run.id,
  phase: run.status === 'looking' ? 'look' : 'act',
  attempt: run.attempt,
})
