// Reads the board, its incidents and the alarms' records as one consistent whole, although DynamoDB writes each item separately.
//
// The index is the source of truth: one conditional write per batch, which also lists what the batch changed (`flight`). The items of incidents
// and alarms follow. Whoever loads the index finds what has not landed yet and counts it in, so that a crash in between loses nothing and
// counts nothing twice.
import type { Alarm } from '../core/incident/alarm.ts'
import { emptyBoard, NotAtHand, type Board } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import type { Run } from '../core/incident/run.ts'
import { nameOf, type Item, type Key, type Table } from '../ports/table.ts'
import { fetch } from './fetch.ts'
import { flyingParts, keysOf, readItems, stillFlying, type Flight, type Flying, type Items } from './flight.ts'
import { memoryOf } from './memory.ts'
import { NewerShape, unpack, type Index, type Place } from './pack.ts'
import { keyOf, type Head } from './parts.ts'
import { rebuilt } from './restore.ts'
import { readRecords, unlanded } from './records.ts'
import { takeOver } from './take-over.ts'
import { readTimeline } from './story.ts'

export const INDEX: Key = { pk: 'INDEX', sk: 'INDEX' }

export interface Loaded {
  /** With the incidents that were asked for. */
  board: Board
  /** Of the keys that were asked for. */
  alarms: ReadonlyMap<string, Alarm>
  rev: number
  /** How long the index is, in characters. */
  size: number
  rules: string
  places: Readonly<Record<string, Place>>
  flight: Flight[]
  flying: ReadonlyMap<string, Flying>
  items: Items
  /** The table still holds the board of 0.1.0: the first commit lands everything. */
  isTakenOver: boolean
  /** Incidents that this process remembers as they are. */
  remembered: ReadonlyMap<string, Incident>
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
export type Choice = (places: readonly Place[], index: Index) => readonly Place[]

/** With the records of these alarms, and the incidents that they belong to. Whatever else is needed can be fetched. */
export async function load(table: Table, keys: readonly string[], choose: Choice = () => []): Promise<Loaded> {
  const {
    index,
    rev,
    size,
    remembered = new Map(),
    incidents = {},
    flying: known,
    isTakenOver = false,
    lost,
  } = await readIndex(table)
  const unreadable: Item[] = lost ? [lost] : []
  const { places, rest, flight, rules } = index
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
  const loaded: Loaded = {
    board: { ...rest, incidents: { ...incidents }, index: places, size },
    alarms,
    rev,
    size,
    rules,
    places,
    flight: flying,
    flying: known ?? flyingParts(flight, items),
    items,
    isTakenOver,
    remembered,
    unreadable,
    restored: new Set(lost ? Object.keys(incidents) : []),
    isRebuilt: lost !== undefined,
    unlanded: [...flown.values()].filter(({ key }) => asked.has(key)),
  }
  const homes = [...alarms.values()].flatMap(({ incident }) =>
    incident === undefined ? [] : chainOf(places, incident),
  )
  return fetch(table, loaded, [...homes, ...choose(Object.values(places), index).map(({ id }) => id)])
}

interface Read {
  index: Index
  rev: number
  size: number
  incidents?: Readonly<Record<string, Incident>>
  remembered?: ReadonlyMap<string, Incident>
  /** If that is known without reading. */
  flying?: ReadonlyMap<string, Flying>
  isTakenOver?: boolean
  /** The index as it was stored, if it could not be read. */
  lost?: Item
}

async function readIndex(table: Table): Promise<Read> {
  const item = await table.get(INDEX)
  const mine = memoryOf(table)
  if (item && mine.last && item.rev === mine.last.rev && item.body === mine.last.body) {
    const { index, rev, flying, incidents: remembered } = mine.last
    return { index, rev, flying, remembered, size: item.body.length }
  }
  if (item) return { ...(await opened(table, item)), rev: item.rev, size: item.body.length }
  const { incidents: _, index: __, ...rest } = emptyBoard()
  return (await takeOver(table)) ?? { index: { places: {}, rest, flight: [], rules: '' }, rev: 0, size: 0 }
}

/** Reads the index or, if that cannot be read, puts it together again. */
async function opened(table: Table, item: Item): Promise<Pick<Read, 'index' | 'incidents' | 'lost'>> {
  try {
    const index = unpack(item.body)
    return { index: { ...index, flight: memoryOf(table).withoutLanded(index.flight) } }
  } catch (error) {
    if (error instanceof NewerShape) throw error
    return { ...rebuilt(await table.scan()), lost: item }
  }
}

/** An incident, and those that it was merged into. */
function chainOf(places: Readonly<Record<string, Place>>, id: string): string[] {
  const chain: string[] = []
  for (
    let at = places[id];
    at && !chain.includes(at.id);
    at = at.mergedInto === undefined ? undefined : places[at.mergedInto]
  )
    chain.push(at.id)
  return chain
}

/** Decides on what is at hand; fetches what it turns out to need, and decides again. */
export async function deciding<T>(
  table: Table,
  loaded: Loaded,
  decide: (loaded: Loaded) => T | Promise<T>,
): Promise<{ loaded: Loaded; decided: T }> {
  for (let at = loaded; ;) {
    try {
      return { loaded: at, decided: await decide(at) }
    } catch (error) {
      if (!(error instanceof NotAtHand)) throw error
      at = await fetch(table, at, error.ids)
    }
  }
}

/** What can be said of the board as it is now. */
export async function look<T>(table: Table, see: (board: Board) => T): Promise<T> {
  return (await deciding(table, await load(table, []), ({ board }) => see(board))).decided
}

/** An incident that has left the board. What 0.1.0 kept holds its runs and its newest entries; those of later versions are items of their own. */
export async function readIncident(table: Table, id: string): Promise<Incident | undefined> {
  const item = await table.get(keyOf(id))
  if (!item) return undefined
  let head = JSON.parse(item.body) as Head
  // Whoever let it go died before its last item was written.
  if (!('change' in head)) head = ((await load(table, [])).flying.get(nameOf(item))?.body ?? {}) as Head
  if (!('change' in head)) return undefined
  const { left: _, runs, ...rest } = head
  const incident = { timeline: [], ...rest } as unknown as Incident
  if (typeof runs !== 'number') return runs === undefined ? incident : { ...incident, runs: runs as Run[] }
  const items = await table.list(item.pk, 'RUN#')
  return { ...incident, ...(runs > 0 && { runs: items.slice(0, runs).map(({ body }) => JSON.parse(body) as Run) }) }
}

/** The whole board, with the whole story of each incident: for tools and pages. */
export async function readBoard(table: Table): Promise<Board> {
  const loaded = await load(table, [], (places) => places)
  const { board, flying } = loaded
  const whole: Board = { ...board, incidents: {}, index: {} }
  for (const incident of Object.values(board.incidents))
    whole.incidents[incident.id] = { ...incident, filed: 0, timeline: await readTimeline(table, incident, flying) }
  return whole
}
