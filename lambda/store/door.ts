// The one door that every change goes through: load, move, settle what is due, commit, follow up, and announce that something changed.
import { nextDue, settle } from '../core/due/due.ts'
import { incidentOf, isOnBoard, type Board } from '../core/incident/board.ts'
import { draftOf, type Draft } from '../core/incident/draft.ts'
import { commonChannel, isHeld, placesOf } from '../core/notify/places.ts'
import { isActive } from '../core/incident/incident.ts'
import type { Rows } from '../core/incident/rows.ts'
import { isOrderedFor } from '../core/remediate/left.ts'
import { isOrdered, type Run } from '../core/incident/run.ts'
import { takeOverRuns } from '../core/remediate/clocks.ts'
import type { Rules } from '../core/services/rules.ts'
import type { Alarm } from '../core/incident/alarm.ts'
import type { RunOrder } from '../ports/runs.ts'
import type { Runtime } from '../ports/runtime.ts'
import { setAside, tellDamage } from './aside.ts'
import { deciding, load, readIncident, type Choice, type Loaded } from './board.ts'
import { commit } from './commit.ts'
import { addToOpenWork } from './ledger/ledger.ts'
import type { Place } from './pack.ts'

export type DoorSlice = Pick<Runtime, 'table' | 'clock' | 'notices' | 'timers' | 'runs' | 'rules' | 'log'>

export interface Visit<T> {
  /** Keys of the alarms whose records the move needs. */
  keys?: readonly string[]
  /** The incident that it is about: needed, and followed up even if nothing was left to change, as whoever changed it may have died before. */
  concerns?: string
  /** More incidents that the move will probably need. What it needs beyond that is fetched as well, but then it begins anew. */
  needs?(index: Board['index']): Iterable<{ id: string }>
  /** Called again from the start if somebody else was faster, so it must change nothing but the draft. */
  move(draft: Draft, alarms: ReadonlyMap<string, Alarm>): T | Promise<T>
  /** More incidents to follow up. */
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
  const ids = new Set([...followedUp(visit, result), ...draft.touched])
  await follow(runtime, draft.board, ids, now)
  const home = visit.tells?.(draft.board) ? [commonChannel(runtime.rules)] : []
  const places = new Set([...home, ...placesOfAll(draft, ids), ...(await placesOfEnded(runtime, draft, ids))])
  await Promise.all([...places].map((place) => runtime.notices.changed(place)))
  return result
}

/** Where there may be something to tell: of these incidents, and of those that have left. */
function placesOfAll({ board, left, rules }: Draft, ids: ReadonlySet<string>): string[] {
  const known = [...ids].flatMap((id) => board.incidents[id] ?? [])
  return [...known, ...left].filter((incident) => !isHeld(incident)).flatMap((incident) => placesOf(incident, rules))
}

/** Of those that left before: whoever let them go may have died before saying so. */
async function placesOfEnded(
  { table, rules }: DoorSlice,
  { board, left }: Draft,
  ids: ReadonlySet<string>,
): Promise<string[]> {
  const ended = [...ids].filter((id) => !isOnBoard(board, id) && !left.some((incident) => incident.id === id))
  const incidents = await Promise.all(ended.map((id) => readIncident(table, id)))
  return incidents.flatMap((incident) => (incident && !isHeld(incident) ? placesOf(incident, rules) : []))
}

interface Decided<T> {
  draft: Draft
  result: T
  /** The config is another one, or the board was taken over or put together again: timers are not what they should be. */
  isAnew: boolean
}

async function committed<T>(runtime: DoorSlice, visit: Visit<T>, now: number): Promise<Decided<T>> {
  const { table, clock, rules } = runtime
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const choose: Choice = (places, known) =>
      known.rules === rules.fingerprint ? [...dueBy(now, places), ...neededBy(visit, places)] : places.values()
    const begin = (): Promise<Loaded> => load(table, visit.keys ?? [], { choose, home: commonChannel(rules) })
    const { loaded, decided } = await deciding(table, begin, (at) => decide(at, rules, visit, now))
    const { draft } = decided
    if (!isNew(loaded, decided)) return decided
    await setAside(runtime, loaded)
    for (const incident of draft.left)
      if (!isHeld(incident)) await addToOpenWork(table, incident, { places: placesOf(incident, rules), left: now })
    if (decided.isAnew) await setTimers(runtime, draft.board, now)
    if (loaded.isTakenOver) await announceLater(runtime, draft.board, now)
    if (await commit(table, loaded, draft, clock.now())) return decided
    await clock.sleepUpTo(Math.min(200, 5 * 2 ** tries))
  }
  throw new Error(`the board changed ${MOST_TRIES} times while one change was made; trying again later`)
}

function neededBy({ concerns, needs }: Visit<unknown>, index: Board['index']): Iterable<{ id: string }> {
  const needed = needs?.(index) ?? []
  return concerns === undefined ? needed : [{ id: concerns }, ...needed]
}

function followedUp<T>({ concerns, about }: Visit<T>, result: T): string[] {
  const more = about?.(result) ?? []
  return concerns === undefined ? [...more] : [concerns, ...more]
}

async function decide<T>(loaded: Loaded, rules: Rules, visit: Visit<T>, now: number): Promise<Decided<T>> {
  const draft = draftOf(loaded.board, rules, now)
  tellDamage(draft, loaded)
  if (loaded.isTakenOver) takeOverRuns(draft)
  const result = await visit.move(draft, loaded.alarms)
  settle(draft)
  for (const id of followedUp(visit, result)) incidentOf(draft.board, id)
  const isOtherConfig = loaded.rules !== rules.fingerprint && loaded.places.size > 0
  return { draft, result, isAnew: isOtherConfig || loaded.isRebuilt || loaded.isTakenOver }
}

const isNew = ({ unlanded }: Loaded, { draft, isAnew }: Decided<unknown>): boolean =>
  draft.isChanged() || unlanded.length > 0 || isAnew

/** Of everything that is open. Before the commit: one that wakes for nothing does no harm, one that is missing would. */
async function setTimers(
  { timers, rules }: Pick<Runtime, 'timers' | 'rules'>,
  board: Board,
  now: number,
): Promise<void> {
  const orders = Object.values(board.incidents).flatMap((incident) => {
    const due = isActive(incident) ? nextDue(incident, { board, rules }) : undefined
    return due !== undefined && due > now ? [{ id: incident.id, due }] : []
  })
  for (let first = 0; first < orders.length; first += TIMERS_AT_ONCE)
    await Promise.all(orders.slice(first, first + TIMERS_AT_ONCE).map(({ id, due }) => timers.wake(id, due)))
}

/** A person may be waiting for their click. */
const TIMERS_AT_ONCE = 50

/** While a deployment replaces one function after the other, 0.1.0's notify may take notices, and finds nothing to tell. */
const REPLACED_AFTER_MS = [60_000, 300_000, 900_000]

async function announceLater(
  { timers, rules }: Pick<Runtime, 'timers' | 'rules'>,
  board: Board,
  now: number,
): Promise<void> {
  const places = new Set(Object.values(board.incidents).flatMap((incident) => placesOf(incident, rules)))
  for (const place of places.add(commonChannel(rules)))
    for (const after of REPLACED_AFTER_MS) await timers.tell(place, now + after)
}

/** Incidents for which something is due, and those that were merged into one that has left. */
function dueBy(now: number, places: Rows<Place>): Place[] {
  const due: Place[] = []
  for (const place of places.values())
    if ((place.due ?? Infinity) <= now || (place.mergedInto !== undefined && !places.has(place.mergedInto)))
      due.push(place)
  return due
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
    for (const run of incident.runs ?? []) {
      if (isOrdered(run)) await runs.start(run.runbook, orderOf(id, run, run.status === 'looking' ? 'look' : 'act'))
      if (run.left && isOrderedFor(run.left))
        await runs.start(run.runbook, { ...orderOf(id, run, 'left'), attempt: run.left.attempt })
    }
    const due = nextDue(incident, { board, rules })
    if (due !== undefined && due > now) await timers.wake(id, due)
  }
}

const orderOf = (incident: string, run: Run, phase: RunOrder['phase']): RunOrder => ({
  incident,
  run: run.id,
  ...(run.stamp !== undefined && { stamp: run.stamp }),
  phase,
  attempt: run.attempt,
})
