// The board of 0.1.0, in which everything lay in one item: read as an index with its items. The first commit writes them.
import type { Board } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { Rows } from '../core/incident/rows.ts'
import { ENTRY_KINDS } from '../core/incident/timeline.ts'
import type { Item, Key, Table } from '../ports/table.ts'
import type { Flight, Flying } from './flight.ts'
import { newNames, placeOf, type Index } from './pack.ts'
import { nameOfPart, piecesOf } from './parts.ts'

const BOARD: Key = { pk: 'BOARD', sk: 'BOARD' }

type OldBoard = Omit<Board, 'index'> & { flight?: Flight[] }

export interface TakenOver {
  index: Index
  rev: number
  /** There is no index yet. */
  storedRev: 0
  size: number
  flying: Map<string, Flying>
  isTakenOver: true
}

/** In front of the board while it is taken over: what 0.1.0 does then fails, and is tried again. */
const FENCE = '!'

/**
 * What 0.1.0 finds afterwards. Its timers and runs may wake for eight days: they find nothing to do, and a run stops at its next step. While the
 * functions are replaced, its intake cannot write this: its messages come again, to the new one.
 */
const EMPTY = '{"nextId":1,"incidents":{}}'

/** `home`: where all that 0.1.0 knew was shown. */
export async function takeOver(table: Table, home?: string): Promise<TakenOver | undefined> {
  const item = await table.get(BOARD)
  if (!item || Number.isNaN(item.rev)) return undefined
  const body = isFenced(item) ? item.body.slice(FENCE.length) : item.body
  const rev = revOf(item)
  const { incidents: old, flight = [], ...rest } = JSON.parse(body) as OldBoard
  const incidents = Object.values(old).map((incident) => ({
    ...withNews(incident),
    ...(home !== undefined && { places: [home] }),
  }))
  // Whatever the config says now, everything is looked at again.
  const places = incidents.map((incident) => placeOf(incident, 0))
  return {
    index: {
      places: Rows.of(places),
      rest,
      flight,
      rules: '',
      names: newNames(),
    },
    rev,
    storedRev: 0,
    size: item.body.length,
    isTakenOver: true,
    flying: new Map(
      incidents
        .flatMap((incident) => piecesOf(incident, undefined).map((piece) => ({ ...piece, at: incident.lastAt })))
        .map((piece) => [nameOfPart(piece.part), { ...piece, rev }]),
    ),
  }
}

const isFenced = ({ body }: Item): boolean => body.startsWith(FENCE)

/** That of what 0.1.0 wrote last: the fence does not count, so that all who take over at once count from the same. */
const revOf = (item: Item): number => (isFenced(item) ? item.rev - 1 : item.rev)

/** Before anything is written. `rev`: as it was read. False if a process of 0.1.0 has written since, or another one has taken over. */
export async function fence(table: Table, rev: number): Promise<boolean> {
  const item = await table.get(BOARD)
  if (!item || Number.isNaN(item.rev) || revOf(item) !== rev) return false
  return isFenced(item) || table.replace({ ...item, rev: rev + 1, body: `${FENCE}${item.body}` }, rev)
}

/** Once the index is made. What it held lies in items of its own now. Safe to call repeatedly. */
export async function empty(table: Table): Promise<void> {
  const item = await table.get(BOARD)
  if (item && !Number.isNaN(item.rev)) await table.replace({ ...BOARD, rev: NaN, body: EMPTY }, item.rev)
}

function withNews(incident: Incident): Incident {
  const place = incident.timeline.findLastIndex(({ kind }) => ENTRY_KINDS[kind].toldAtOnce)
  return place < 0 ? incident : { ...incident, news: incident.filed + place + 1 }
}
