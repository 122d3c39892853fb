// Reads the index: as it is stored, as this process remembers it, from the board of 0.1.0 or, if it cannot be read, from the items of incidents.
import { emptyBoard } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { Rows } from '../core/incident/rows.ts'
import type { Heartbeat } from '../core/watchdog/heartbeat.ts'
import type { Item, Key, Table } from '../ports/table.ts'
import type { Flying } from './flight.ts'
import { memoryOf, type Remembered } from './memory.ts'
import { newNames, NewerShape, unpack, type Index } from './pack.ts'
import { rebuilt } from './restore.ts'
import { takeOver } from './take-over.ts'

export const INDEX: Key = { pk: 'INDEX', sk: 'INDEX' }

export interface Read {
  index: Index
  rev: number
  storedRev?: number
  size: number
  isRebuilt?: boolean
  incidents?: Readonly<Record<string, Incident>>
  remembered?: Remembered
  /** If that is known without reading. */
  flying?: ReadonlyMap<string, Flying>
  isTakenOver?: boolean
  /** The index as it was stored, if it could not be read. */
  lost?: Item
}

/** `home`: whoever reads it may write, and makes an index where there is none; what 0.1.0 left is shown there. */
export async function readIndex(table: Table, home?: string): Promise<Read> {
  const item = await table.get(INDEX)
  if (item) return opened(table, item)
  const { incidents: _, index: __, ...rest } = emptyBoard()
  const nothing: Read = {
    index: { places: Rows.of([]), rest, flight: [], rules: '', names: newNames() },
    rev: 0,
    size: 0,
  }
  return (await takeOver(table, home)) ?? (home === undefined ? nothing : ((await salvaged(table)) ?? nothing))
}

/** There is no index. A new table is empty; if this one is not, somebody has deleted the index. */
async function salvaged(table: Table): Promise<Read | undefined> {
  const items = await table.scan()
  if (!items.some(({ pk }) => pk.startsWith('INCIDENT#'))) return undefined
  return { ...rebuilt(items), storedRev: 0, size: 0, isRebuilt: true }
}

/** Reads the index or, if that cannot be read, puts it together again. */
async function opened(table: Table, item: Item): Promise<Read> {
  const { rev } = item
  const mine = memoryOf(table)
  if (mine.known?.read.rev === rev && mine.known.body === item.body) return mine.known.read
  const size = Buffer.byteLength(item.body)
  try {
    const index = unpack(item.body)
    const read = { index: { ...index, flight: mine.withoutLanded(index.flight) }, rev, size }
    mine.known = { body: item.body, read }
    return read
  } catch (error) {
    if (error instanceof NewerShape) throw error
    return { ...rebuilt(await table.scan()), storedRev: rev, size, lost: item, isRebuilt: true }
  }
}

/** The last heartbeat: reads one item, because the watchdog may read no other. */
export const readHeartbeat = async (table: Table): Promise<Heartbeat | undefined> =>
  (await readIndex(table)).index.rest.heartbeat
