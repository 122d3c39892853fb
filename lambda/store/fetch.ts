// Fetches incidents: their heads and their runs, with what has not landed yet; what cannot be read is put together again.
import type { Board } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import type { Run } from '../core/incident/run.ts'
import { nameOf, type Key, type Table } from '../ports/table.ts'
import type { Loaded } from './board.ts'
import { readItems, type Items } from './flight.ts'
import type { Place } from './pack.ts'
import { keyOf, runKey, type Head } from './parts.ts'
import { fromIndex, lostRun, restOf, type Rest } from './restore.ts'

/** Somebody has committed since the index was read. */
export class OutOfDate extends Error {
  override name = 'OutOfDate'
}

/** The same, with these incidents at hand. Throws `OutOfDate` if an item is newer than the index, unless `isLast`. */
export async function fetch(table: Table, loaded: Loaded, ids: readonly string[], isLast: boolean): Promise<Loaded> {
  const board = withRemembered(loaded, ids)
  const { places, flying } = loaded
  const missing = [...new Set(ids)].flatMap((id) => (board.incidents[id] ? [] : (places.get(id) ?? [])))
  if (missing.length === 0) return { ...loaded, board }
  const isKnown = (key: Key): boolean => flying.has(nameOf(key)) || loaded.items.has(nameOf(key))
  const unreadable = [...loaded.unreadable]
  const wanted = missing.flatMap(keysOfPlace).filter((key) => !isKnown(key))
  const items: Items = new Map([...loaded.items, ...(await readItems(table, wanted, unreadable))])
  if (!isLast && [...items.values()].some(({ rev }) => rev > loaded.rev)) throw new OutOfDate()
  const read = (key: Key): unknown => flying.get(nameOf(key))?.body ?? items.get(nameOf(key))?.value
  const fetched = missing.map((place) => incidentAt(place, read))
  const broken = fetched.flatMap(({ head, runs, place }) => (head && runs.every(Boolean) ? [] : place.id))
  const all = restOf(broken.length > 0 ? await table.scan() : [])
  const incidents = fetched.map((one): [string, Incident] => [one.place.id, put(one, all)])
  return {
    ...loaded,
    items,
    unreadable,
    restored: new Set([...loaded.restored, ...broken]),
    board: { ...board, incidents: { ...board.incidents, ...Object.fromEntries(incidents) } },
  }
}

function withRemembered({ board, places, remembered }: Loaded, ids: readonly string[]): Board {
  const incidents = { ...board.incidents }
  for (const id of ids) {
    const known = incidents[id] ?? (places.has(id) ? remembered.get(id) : undefined)
    if (known) incidents[id] = known
  }
  return { ...board, incidents }
}

const runNumbers = ({ runs }: Place): number[] => Array.from({ length: runs }, (_, place) => place + 1)

const keysOfPlace = (place: Place): Key[] => [
  keyOf(place.id),
  ...runNumbers(place).map((number) => keyOf(place.id, runKey(number))),
]

/** Undefined: it cannot be read. */
interface Found {
  place: Place
  head: Head | undefined
  runs: (Run | undefined)[]
}

function incidentAt(place: Place, read: (key: Key) => unknown): Found {
  const head = read(keyOf(place.id)) as Head | undefined
  // What flew above a head that cannot be read is only a part of it.
  const isWhole = head !== undefined && 'id' in head
  const runs = runNumbers(place).map((number) => read(keyOf(place.id, runKey(number))) as Run | undefined)
  return { place, head: isWhole ? head : undefined, runs }
}

/** `all`: everything in the table, if something cannot be read. */
function put({ place, head, runs }: Found, all: Rest): Incident {
  const { id, change, filed } = place
  const incident = head ? asIncident(head) : fromIndex(place, all)
  const known = runs.map((run, number) => run ?? lostRun(`${id}-${number + 1}`, Object.keys(place.services)[0] ?? ''))
  return { ...incident, change, filed, timeline: [], ...(known.length > 0 && { runs: known }) }
}

/** Without what was added when it left the board, if it came back. */
function asIncident({ left: _, runs: __, ...head }: Head): Incident {
  return head as unknown as Incident
}
