// Writes the board: first the index, with all that changed on its list, then the items that changed.
import type { Alarm } from '../core/incident/alarm.ts'
import type { Board } from '../core/incident/board.ts'
import { firstDue } from '../core/due/due.ts'
import type { Draft } from '../core/incident/draft.ts'
import type { Incident } from '../core/incident/incident.ts'
import { unreadableId } from '../core/notify/notices.ts'
import { commonChannel } from '../core/notify/places.ts'
import type { Table } from '../ports/table.ts'
import type { Loaded } from './board.ts'
import { land, narrowed, textOf, type Flight, type Flying } from './flight.ts'
import { handOver } from './ledger/ledger.ts'
import { memoryOf, type Remembered } from './memory.ts'
import { pack, placeOf, type Index } from './pack.ts'
import { farewellOf, HEAD, nameOfPart, onTopOf, piecesOf, type Piece } from './parts.ts'
import { INDEX } from './read-index.ts'
import { changesSince, writeRecords } from './records.ts'
import { empty, fence } from './take-over.ts'

/** A change that never lands (its message expired) is forgotten after this time. */
const FLIGHT_FORGOTTEN_MS = 86_400_000

/** Whoever committed a part lands it within this time, or is dead; and what may stay on the list stays no longer. */
const LANDS_WITHIN_MS = 10_000

/** With more than this many characters on the list, they are landed before anything is added. */
const FLIGHT_MOST = 32_768

/** What a commit takes of a draft. */
export type Committed = Pick<Draft, 'board' | 'alarms' | 'left' | 'rules'>

/** False if somebody else has committed since it was loaded: the board is unchanged then. */
export async function commit(table: Table, loaded: Loaded, draft: Committed, now: number): Promise<boolean> {
  const rev = loaded.rev + 1
  const alarms = alarmsOf(loaded, draft)
  const altered = Object.values(draft.board.incidents).filter(({ id }) => isAltered(loaded, draft.board, id))
  const pieces = onTopOf(piecesOfAll(loaded, draft, altered, now), loaded.flying, { now, withinMs: LANDS_WITHIN_MS })
  const { flight, flying } = await airborne(table, loaded, pieces, now)
  const changes = alarms.flatMap((alarm) => changesSince(alarm, loaded.alarms.get(alarm.key)))
  const parts = pieces.map(({ part }) => part)
  if (changes.length > 0 || parts.length > 0) flight.push({ rev, at: now, changes, ...(parts.length > 0 && { parts }) })

  const { incidents: _, index: __, size: ___, isFenced, ...known } = draft.board
  const rest = { ...known, ...(loaded.isTakenOver && { isFenced: true as const }) }
  const places = placesOf(loaded, draft, altered)
  const index: Index = { places, rest, flight, rules: draft.rules.fingerprint, names: loaded.names }
  if (loaded.isTakenOver) {
    if (!(await fence(table, loaded.rev))) return false
    await land(table, loaded.flying.values())
    await handOverAll(table, loaded, commonChannel(draft.rules))
  }
  // Whoever took over may have died before.
  if (isFenced) await empty(table)
  const { body, names } = pack(index)
  if (!(await table.replace({ ...INDEX, rev, body }, loaded.storedRev))) return false
  if (loaded.isTakenOver) await empty(table)
  const fresh = pieces.map((piece): Flying => ({ ...piece, rev, at: piece.part.listedSince ?? now }))
  const landing = [...late(flying, pieces, now), ...fresh.filter(({ part }) => part.listedSince === undefined)]
  await Promise.all([land(table, landing), writeRecords(table, alarms, rev, now)])
  const landed = new Set(landing.map(({ part }) => nameOfPart(part)))
  memoryOf(table).landed({
    at: now,
    body,
    landed,
    read: {
      rev,
      size: Buffer.byteLength(body),
      index: { ...index, names },
      remembered: rememberedAfter(loaded, draft, altered),
      flying: listed(flying, fresh, landed),
    },
  })
  return true
}

/** What 0.1.0 had told of each incident, and of what it could not read. */
async function handOverAll(table: Table, { flying, board: { unreadable } }: Loaded, home: string): Promise<void> {
  for (const { part, body } of flying.values())
    if (part.sk === HEAD) await handOver(table, home, { of: part.of, tag: part.of, old: (body as Incident).slack })
  if (unreadable)
    await handOver(table, home, { of: unreadableId(unreadable), tag: 'unreadable', old: unreadable.slack })
}

/** What is on the list and has not landed. */
function listed(
  before: Loaded['flying'],
  fresh: readonly Flying[],
  landed: ReadonlySet<string>,
): ReadonlyMap<string, Flying> {
  const flying = new Map(before)
  for (const one of fresh) flying.set(nameOfPart(one.part), one)
  for (const name of landed) flying.delete(name)
  return flying
}

const isAltered = ({ board }: Loaded, next: Board, id: string): boolean => board.incidents[id] !== next.incidents[id]

function alarmsOf({ unlanded }: Loaded, { alarms: changed }: Committed): Alarm[] {
  const known = unlanded.filter(({ name }) => name !== '').map((alarm): [string, Alarm] => [alarm.key, alarm])
  return [...new Map([...known, ...changed]).values()]
}

function piecesOfAll(
  { board, restored }: Loaded,
  { left }: Committed,
  altered: readonly Incident[],
  now: number,
): Piece[] {
  const before = (id: string): Incident | undefined => (restored.has(id) ? undefined : board.incidents[id])
  return [
    ...altered.flatMap((incident) => piecesOf(incident, before(incident.id))),
    ...left.flatMap((incident) => farewellOf(incident, before(incident.id), now)),
  ]
}

const namesOf = (pieces: readonly Piece[]): Set<string> =>
  new Set(pieces.filter(({ part }) => part.sk === HEAD).map(({ part }) => part.of))

/** What others committed and did not land, because they died, and what has stayed on the list for long enough. */
function late(flying: Loaded['flying'], pieces: readonly Piece[], now: number) {
  const heads = namesOf(pieces)
  return [...flying.values()].filter(
    ({ part, at }) => at < now - LANDS_WITHIN_MS && !(part.sk === HEAD && heads.has(part.of)),
  )
}

/**
 * What stays on the list, and of it what has not landed. If that is a lot, it is landed first; what is taken over lands in any case. Of a head that
 * changes again, the list has only one part.
 */
async function airborne(
  table: Table,
  { flight, flying, isTakenOver }: Loaded,
  pieces: readonly Piece[],
  now: number,
): Promise<{ flight: Flight[]; flying: Loaded['flying'] }> {
  const heads = namesOf(pieces)
  const kept = flight.flatMap((one) => {
    const staying = one.parts?.filter(({ sk, of }) => sk !== HEAD || !heads.has(of))
    return narrowed(one, one.at > now - FLIGHT_FORGOTTEN_MS ? one.changes : [], staying)
  })
  let length = 0
  for (const one of kept) length += textOf(one).length
  if (length < FLIGHT_MOST) return { flight: kept, flying: isTakenOver ? new Map() : flying }
  await land(table, flying.values())
  return { flight: kept.flatMap((one) => narrowed(one, one.changes)), flying: new Map() }
}

/** What this process knows of incidents now; the entries of those at hand are items. */
function rememberedAfter(
  { remembered: known }: Loaded,
  { board, left }: Committed,
  altered: readonly Incident[],
): Remembered {
  for (const { id } of left) known.delete(id)
  for (const incident of Object.values(board.incidents)) known.set(incident.id, incident)
  for (const { timeline, filed, ...incident } of altered)
    known.set(incident.id, { ...incident, filed: filed + timeline.length, timeline: [] })
  return known
}

function placesOf(loaded: Loaded, { board, left, rules }: Committed, altered: readonly Incident[]) {
  const isSame = loaded.rules === rules.fingerprint
  const changed = isSame ? altered : Object.values(board.incidents)
  return loaded.places.with(
    changed.map((incident) => placeOf(incident, firstDue(incident, { board, rules }))),
    left.map(({ id }) => id),
  )
}
