// Reads and writes the board and the alarms' records as one consistent whole, although DynamoDB writes each one separately.
//
// The board is the source of truth: one conditional write per batch, which also lists the batch's changes (`flight`). The alarms' records
// follow. Whoever loads the board finds the changes whose records have not landed yet and counts them in, so that a crash in between loses
// nothing and counts nothing twice. The next write drops what has landed from the list.
import type { Alarm } from '../core/incident/alarm.ts'
import { emptyBoard, type Board } from '../core/incident/board.ts'
import { fileLines } from '../core/incident/leaving.ts'
import type { Draft } from '../core/incident/draft.ts'
import type { Item, Key, Table } from '../ports/table.ts'
import { itemOfIncident, itemOfLines } from './incidents.ts'
import { changesSince, readRecords, unlanded, writeRecords, type Flight } from './records.ts'

const BOARD: Key = { pk: 'BOARD', sk: 'BOARD' }

/** A change that never lands (its message expired) is forgotten after this time. */
const FLIGHT_FORGOTTEN_MS = 86_400_000

type StoredBoard = Board & { flight?: Flight[] }

export interface Loaded {
  board: Board
  /** Of the keys that were asked for. */
  alarms: ReadonlyMap<string, Alarm>
  rev: number
  flight: Flight[]
  /** Alarms asked for whose record has not landed: they are written again. */
  unlanded: Alarm[]
}

/** The current board, only to look at. */
export async function readBoard(table: Table): Promise<Board> {
  return parse(await table.get(BOARD)).board
}

function parse(item: Item | undefined): { board: Board; flight: Flight[] } {
  if (!item) return { board: emptyBoard(), flight: [] }
  const { flight = [], ...board } = JSON.parse(item.body) as StoredBoard
  return { board, flight }
}

export async function load(table: Table, keys: readonly string[]): Promise<Loaded> {
  const item = await table.get(BOARD)
  const { board, flight } = parse(item)
  const records = await readRecords(table, [...keys, ...flight.flatMap(({ changes }) => changes.map(([key]) => key))])
  const { flying, alarms: flown } = unlanded(flight, records)
  const asked = new Set(keys)
  const alarms = new Map<string, Alarm>()
  for (const key of asked) {
    const alarm = flown.get(key) ?? records.get(key)?.alarm
    if (alarm) alarms.set(key, alarm)
  }
  return {
    rev: item?.rev ?? 0,
    board,
    flight: flying,
    alarms,
    unlanded: [...flown.values()].filter(({ key }) => asked.has(key)),
  }
}

/** False if somebody else has committed since it was loaded: the board is unchanged then. */
export async function commit(
  table: Table,
  loaded: Loaded,
  { board: next, alarms: changed, left }: Pick<Draft, 'board' | 'alarms' | 'left'>,
  now: number,
): Promise<boolean> {
  const rev = loaded.rev + 1
  const alarms = new Map(loaded.unlanded.filter(({ name }) => name !== '').map((alarm) => [alarm.key, alarm]))
  for (const [key, alarm] of changed) alarms.set(key, alarm)

  const flight = loaded.flight.filter(({ at }) => at > now - FLIGHT_FORGOTTEN_MS)
  const changes = [...alarms.values()].flatMap((alarm) => changesSince(alarm, loaded.alarms.get(alarm.key)))
  if (changes.length > 0) flight.push({ rev, at: now, changes })

  const { board, lines } = fileLines(next)
  for (const incident of left) await table.advance(itemOfIncident(incident, now))
  for (const part of lines) await table.advance(itemOfLines(part, now))
  const body: StoredBoard = flight.length > 0 ? { ...board, flight } : board
  if (!(await table.replace({ ...BOARD, rev, body: JSON.stringify(body) }, loaded.rev))) return false
  await writeRecords(table, alarms.values(), rev, now)
  return true
}
