// Reads the board, its incidents and the alarms' records as one consistent whole, although DynamoDB writes each item separately.
//
// The index is the source of truth: one conditional write per batch, which also lists what the batch changed (`flight`). The items of incidents
// and alarms follow. Whoever loads the index finds what has not landed yet and counts it in, so that a crash in between loses nothing and
// counts nothing twice.
import type { Alarm } from '../core/incident/alarm.ts'
import { NotAtHand, type Board } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { Rows } from '../core/incident/rows.ts'
import type { Run } from '../core/incident/run.ts'
import { nameOf, type Item, type Table } from '../ports/table.ts'
import { fetch, OutOfDate } from './fetch.ts'
import {
  flyingParts,
  keysOf,
  narrowed,
  readItems,
  stillFlying,
  valueOf,
  type Flight,
  type Flying,
  type Items,
} from './flight.ts'
import type { Index, Names, Place } from './pack.ts'
import { keyOf, type Head } from './parts.ts'
import type { Remembered } from './memory.ts'
import { readIndex, type Read } from './read-index.ts'
import { readRecords, unlanded } from './records.ts'
import { readTimeline } from './story.ts'

export interface Loaded {
  /** With the incidents that were asked for. */
  board: Board
  /** Of the keys that were asked for. */
  alarms: ReadonlyMap<string, Alarm>
  /** The newest revision that is known: the next commit has a higher one. */
  rev: number
  /** That of the index as it is stored; 0 if there is none. */
  storedRev: number
  /** How long the index is, in bytes. */
  size: number
  rules: string
  places: Rows<Place>
  names: Names
  flight: Flight[]
  flying: ReadonlyMap<string, Flying>
  items: Items
  /** The table still holds the board of 0.1.0: the first commit lands everything. */
  isTakenOver: boolean
  /** Incidents that this process remembers as they are. */
  remembered: Remembered
  /** What could not be read: set aside before anything is written. */
  unreadable: readonly Item[]
  /** Incidents that were put together again, wholly or in part. */
  restored: ReadonlySet<string>
  /** So was the index. */
  isRebuilt: boolean
  /** Alarms asked for whose record has not landed: they are written again. */
  unlanded: Alarm[]
}

/** Chooses, from the index, the incidents that are at hand from the start. */
export type Choice = (places: Rows<Place>, index: Pick<Index, 'rules'>) => Iterable<{ id: string }>

export interface Wanted {
  choose?: Choice
  /** Whoever loads it may write: where there is no index, it looks for incidents to make one of; and what 0.1.0 left is shown there. */
  home?: string
  /** The index, if it has been read just now. */
  read?: Read
}

/** With the records of these alarms, and the incidents that they belong to. Whatever else is needed can be fetched. */
export async function load(table: Table, keys: readonly string[], wanted: Wanted = {}): Promise<Loaded> {
  let { read } = wanted
  return upToDate(async (isLast) => {
    const loaded = await loadIndex(table, keys, read ?? (await readIndex(table, wanted.home)))
    read = undefined
    const { places } = loaded
    const homes = [...loaded.alarms.values()].flatMap(({ incident }) =>
      incident === undefined ? [] : chainOf(places, incident),
    )
    const chosen = wanted.choose?.(places, loaded) ?? []
    const ids = [...homes, ...Array.from(chosen, ({ id }) => id)]
    return fetch(table, loaded, ids, isLast)
  })
}

/** Some incidents, for who changes nothing: of what has not landed, only what is their own is read (unless somebody commits meanwhile). */
export async function loadSome(table: Table, ids: readonly string[], read?: Read): Promise<Loaded> {
  const { index, ...rest } = read ?? (await readIndex(table))
  const flight = index.flight.flatMap((one) => {
    const own = one.parts?.filter(({ of }) => of !== undefined && ids.includes(of))
    return narrowed(one, [], own)
  })
  return load(table, [], { choose: () => ids.map((id) => ({ id })), read: { ...rest, index: { ...index, flight } } })
}

/** Somebody may commit between two reads: then both are read again. Not for ever, because a restore may have left newer items for good. */
const MOST_LOADS = 5

async function upToDate<T>(read: (isLast: boolean) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read(tries === MOST_LOADS)
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error
    }
  }
}

async function loadIndex(table: Table, keys: readonly string[], read: Read): Promise<Loaded> {
  const {
    index,
    rev,
    storedRev = rev,
    size,
    remembered = new Map<string, Incident>(),
    incidents = {},
    flying: known,
    isTakenOver = false,
    lost,
    isRebuilt = false,
  } = read
  const unreadable: Item[] = lost ? [lost] : []
  const { places, rest, flight, rules, names } = index
  const inFlight = flight.flatMap(({ changes }) => changes.map(([key]) => key))
  const [records, items] = await Promise.all([
    readRecords(table, [...keys, ...inFlight], unreadable),
    readItems(table, known ? [] : keysOf(flight), unreadable),
  ])
  const { flying, alarms: flown } = unlanded(known ? flight : stillFlying(flight, items), records)
  const asked = new Set(keys)
  const alarms = new Map<string, Alarm>()
  for (const key of asked) {
    const alarm = flown.get(key) ?? records.get(key)?.alarm
    if (alarm) alarms.set(key, alarm)
  }
  return {
    board: { ...rest, incidents: { ...incidents }, index: places, size },
    alarms,
    rev,
    storedRev,
    size,
    rules,
    places,
    names,
    flight: flying,
    flying: known ?? flyingParts(flight, items),
    items,
    isTakenOver,
    remembered,
    unreadable,
    restored: new Set(isRebuilt ? Object.keys(incidents) : []),
    isRebuilt,
    unlanded: [...flown.values()].filter(({ key }) => asked.has(key)),
  }
}

/** An incident, and those that it was merged into. */
function chainOf(places: Rows<Place>, id: string): string[] {
  const chain: string[] = []
  for (
    let at = places.get(id);
    at && !chain.includes(at.id);
    at = at.mergedInto === undefined ? undefined : places.get(at.mergedInto)
  )
    chain.push(at.id)
  return chain
}

/** Decides on what is at hand; fetches what it turns out to need, and decides again. */
export async function deciding<T>(
  table: Table,
  begin: () => Promise<Loaded>,
  decide: (loaded: Loaded) => T | Promise<T>,
): Promise<{ loaded: Loaded; decided: T }> {
  return upToDate(async (isLast) => {
    for (let at = await begin(); ;) {
      try {
        return { loaded: at, decided: await decide(at) }
      } catch (error) {
        if (!(error instanceof NotAtHand)) throw error
        const known = Object.keys(at.board.incidents).length
        at = await fetch(table, at, error.ids, isLast)
        if (Object.keys(at.board.incidents).length === known) throw error
      }
    }
  })
}

/** What can be said of the board as it is now. */
export async function look<T>(table: Table, see: (board: Board) => T): Promise<T> {
  return (
    await deciding(
      table,
      () => load(table, []),
      ({ board }) => see(board),
    )
  ).decided
}

/** An incident that has left the board. What 0.1.0 kept holds its runs and its newest entries; those of later versions are items of their own. */
export async function readIncident(table: Table, id: string): Promise<Incident | undefined> {
  const item = await table.get(keyOf(id))
  if (!item) return undefined
  let head = (valueOf(item) ?? {}) as Head
  // Whoever let it go has not written its last item, or died before that.
  if (!('change' in head)) head = ((await loadSome(table, [id])).flying.get(nameOf(item))?.body ?? {}) as Head
  // It may have been written meanwhile.
  if (!('change' in head)) head = (valueOf(await table.get(keyOf(id))) ?? {}) as Head
  if (!('change' in head)) return undefined
  const { left: _, runs, ...rest } = head
  const incident = { timeline: [], ...rest } as unknown as Incident
  if (typeof runs !== 'number') return runs === undefined ? incident : { ...incident, runs: runs as Run[] }
  const items = await table.list(item.pk, 'RUN#')
  return {
    ...incident,
    ...(runs > 0 && { runs: items.slice(0, runs).flatMap((run) => (valueOf(run) as Run | undefined) ?? []) }),
  }
}

/** The whole board, with the whole story of each incident: for tools and pages. */
export async function readBoard(table: Table): Promise<Board> {
  const loaded = await load(table, [], { choose: (places) => places.values() })
  const { board, flying } = loaded
  const whole: Board = { ...board, incidents: {}, index: Rows.of([]) }
  for (const incident of Object.values(board.incidents))
    whole.incidents[incident.id] = { ...incident, filed: 0, timeline: await readTimeline(table, incident, flying) }
  return whole
}
