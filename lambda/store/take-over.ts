// The board of 0.1.0, in which everything lay in one item: read as an index with its items. The first commit writes them.
import type { Board } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { ENTRY_KINDS } from '../core/incident/timeline.ts'
import { isUntold } from '../core/notify/next-message.ts'
import { nameOf, type Key, type Table } from '../ports/table.ts'
import { type Flight, type Flying } from './flight.ts'
import { placeOf, type Index } from './pack.ts'
import { keyOf, piecesOf } from './parts.ts'

const BOARD: Key = { pk: 'BOARD', sk: 'BOARD' }

type OldBoard = Omit<Board, 'index'> & { flight?: Flight[] }

export interface TakenOver {
  index: Index
  rev: number
  size: number
  flying: Map<string, Flying>
  isTakenOver: true
}

export async function takeOver(table: Table): Promise<TakenOver | undefined> {
  const item = await table.get(BOARD)
  if (!item) return undefined
  const { incidents: old, flight = [], ...rest } = JSON.parse(item.body) as OldBoard
  const incidents = Object.values(old).map(withNews)
  // Whatever the config says now, everything is looked at again.
  const places = incidents.map((incident) => placeOf(incident, { due: 0, untold: isUntold(incident) }))
  return {
    index: { places: Object.fromEntries(places.map((place) => [place.id, place])), rest, flight, rules: '' },
    rev: item.rev,
    size: item.body.length,
    isTakenOver: true,
    flying: new Map(
      incidents
        .flatMap((incident) => piecesOf(incident, undefined).map((piece) => ({ ...piece, at: incident.lastAt })))
        .map((piece) => [nameOf(keyOf(piece.part.of, piece.part.sk)), { ...piece, rev: item.rev }]),
    ),
  }
}

function withNews(incident: Incident): Incident {
  const place = incident.timeline.findLastIndex(({ kind }) => ENTRY_KINDS[kind].toldAtOnce)
  return place < 0 ? incident : { ...incident, news: incident.filed + place + 1 }
}
