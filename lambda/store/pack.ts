// The index as it is stored: a short row for each incident, and the name of each service once.
import { SEVERITIES } from '../core/facts/signals.ts'
import { idOf, type Board } from '../core/incident/board.ts'
import { newestCall, type Incident } from '../core/incident/incident.ts'
import { numberOf, Rows, type Row } from '../core/incident/rows.ts'
import type { Subject } from '../core/notify/next-message.ts'
import { isHeld } from '../core/notify/places.ts'
import { STATUSES } from '../core/incident/status.ts'
import { textOf, type Flight } from './flight.ts'

/** What the index keeps of an incident. */
export interface Place extends Row, Subject {
  /** How many entries its timeline has, and how many runs it has. */
  filed: number
  runs: number
  /** When something falls due for it by itself, in ms. */
  due?: number
  team?: string
  places: readonly string[]
  /** For each place but the first: the number of the newest entry that calls somebody there; 0 if none does. */
  lineCalls: readonly number[]
}

/** The shape that this version writes. Who finds a newer one writes nothing. */
const VERSION = 2

/** Times are stored as ms after the first change; -1 stands for none. */
type Packed = [
  number: number,
  status: number,
  severity: number,
  firstAt: number,
  lastAt: number,
  resolved: number,
  due: number,
  firing: number,
  change: number,
  filed: number,
  runs: number,
  news: number,
  /** Whether it is held, and twice the number of its digest. */
  heldAndDigest: number,
  mergedInto: number,
  team: number,
  places: number,
  ...placesTheirCallsAndServices: number[],
]

type Rest = Omit<Board, 'incidents' | 'index'>

export interface Index {
  places: Rows<Place>
  rest: Rest
  flight: Flight[]
  /** The config by which due times were worked out. */
  rules: string
  names: Names
}

/** The services and places that rows name, by number. A number keeps its meaning for as long as the list is the same object. */
export interface Names {
  list: string[]
  numbers: Map<string, number>
  /** Rows that name them by this list, as they are stored: of an incident that did not change, the row is not made again. */
  rows: WeakMap<Place, string>
  /** And several rows together, by where they stand. */
  stretches: { of: readonly Place[]; text: string }[]
  /** The list as it is stored, and how long it was then. */
  text?: { of: number; is: string }
  /** How many rows there were when it was last packed. */
  count?: number
}

export const newNames = (list: string[] = []): Names => ({
  list,
  numbers: new Map(list.map((name, number) => [name, number])),
  rows: new WeakMap(),
  stretches: [],
})

interface Stored extends Rest {
  version: number
  rows: Packed[]
  services: string[]
  flight?: Flight[]
  rules: string
}

/** Returns the names by which it was packed as well: those of `names`, unless most of them are of incidents that are gone. */
export function pack({ places, rest, flight, rules, names: known }: Index): { body: string; names: Names } {
  const all = [...places.values()]
  const names = isStale(known, all) ? newNames() : known
  names.count = all.length
  const stored: Omit<Stored, 'rows' | 'services' | 'flight'> = { version: VERSION, ...rest, rules }
  const list = flight.length > 0 ? `"flight":[${flight.map(textOf).join(',')}],` : ''
  return {
    body: `{"rows":[${rowsText(all, names)}],"services":${namesText(names)},${list}${JSON.stringify(stored).slice(1)}`,
    names,
  }
}

/** Few enough that a batch of ten changes leaves most stretches as they are, and enough that there are few. */
const STRETCH = 16

function rowsText(all: readonly Place[], names: Names): string {
  const stretches: Names['stretches'] = []
  for (let from = 0; from < all.length; from += STRETCH) {
    const of = all.slice(from, from + STRETCH)
    const known = names.stretches[stretches.length]
    const isSame = known?.of.length === of.length && of.every((place, n) => place === known.of[n])
    stretches.push(isSame ? known : { of, text: of.map((place) => rowOf(place, names)).join(',') })
  }
  names.stretches = stretches
  return stretches.map(({ text }) => text).join(',')
}

function namesText(names: Names): string {
  const { list, text } = names
  if (text?.of === list.length) return text.is
  const is = JSON.stringify(list)
  names.text = { of: list.length, is }
  return is
}

/** A few names are not worth a new list. */
const NAMES_LEAST = 8

/** Names are of no use any more only if rows have gone. */
function isStale({ list, count = Infinity }: Names, places: readonly Place[]): boolean {
  if (list.length < NAMES_LEAST || places.length >= count) return false
  const used = new Set(places.flatMap(namesIn))
  return used.size * 2 < list.length
}

const namesIn = ({ team, places, services }: Place): string[] => [
  ...(team === undefined ? [] : [team]),
  ...places,
  ...Object.keys(services),
]

function rowOf(place: Place, names: Names): string {
  const known = names.rows.get(place)
  if (known !== undefined) return known
  const row = JSON.stringify(packed(place, (name) => numberIn(names, name)))
  names.rows.set(place, row)
  return row
}

function numberIn({ list, numbers }: Names, name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, list.length)
  return list.push(name) - 1
}

function packed(place: Place, numberOfName: (name: string) => number): Packed {
  const { firstAt } = place
  const after = (at: number | undefined): number => (at === undefined ? -1 : Math.max(0, at - firstAt))
  return [
    numberOf(place.id),
    STATUSES.indexOf(place.status),
    SEVERITIES.indexOf(place.severity),
    firstAt,
    after(place.lastAt),
    after(place.resolved?.at),
    after(place.due),
    place.firing,
    place.change,
    place.filed,
    place.runs,
    place.news,
    Number(place.isHeld) + 2 * (place.digest ?? 0),
    place.mergedInto === undefined ? -1 : numberOf(place.mergedInto),
    place.team === undefined ? -1 : numberOfName(place.team),
    place.places.length,
    ...place.places.map(numberOfName),
    ...place.lineCalls,
    ...Object.keys(place.services).map(numberOfName),
  ]
}

export class NewerShape extends Error {
  override name = 'NewerShape'
  constructor(version: number) {
    super(
      `a newer Tocsin wrote the table (shape ${version}, this one knows ${VERSION}): nothing is changed; deploy the newer version again`,
    )
  }
}

/** Throws `NewerShape` if a newer Tocsin wrote it, and anything else if it is no index. */
export function unpack(body: string): Index {
  const { version, rows, services, flight = [], rules, ...rest } = JSON.parse(body) as Stored
  if (version > VERSION) throw new NewerShape(version)
  return {
    places: Rows.of(rows.map((row) => unpacked(row, services))),
    rest,
    flight,
    rules,
    names: newNames(services),
  }
}

function unpacked(row: Packed, names: readonly string[]): Place {
  const [
    number,
    status,
    severity,
    firstAt,
    lastAt,
    resolved,
    due,
    firing,
    change,
    filed,
    runs,
    news,
    heldAndDigest,
    merged,
    team,
    count,
    ...of
  ] = row
  const places = of.slice(0, count).map((name) => names[name]!)
  const lines = Math.max(0, count - 1)
  const services = Object.fromEntries(of.slice(count + lines).map((name) => [names[name]!, true]))
  return {
    id: idOf(number),
    status: STATUSES[status]!,
    severity: SEVERITIES[severity]!,
    firstAt,
    lastAt: firstAt + lastAt,
    firing,
    change,
    filed,
    runs,
    news,
    isHeld: heldAndDigest % 2 === 1,
    places,
    lineCalls: of.slice(count, count + lines),
    services,
    ...(resolved >= 0 && { resolved: { at: firstAt + resolved } }),
    ...(due >= 0 && { due: firstAt + due }),
    ...(heldAndDigest > 1 && { digest: heldAndDigest >> 1 }),
    ...(merged >= 0 && { mergedInto: idOf(merged) }),
    ...(team >= 0 && { team: names[team]! }),
  }
}

/** `due`: when something falls due for it, in ms. */
export function placeOf(incident: Incident, due: number | undefined): Place {
  const {
    id,
    status,
    severity,
    firstAt,
    lastAt,
    firing,
    change,
    filed,
    timeline,
    runs,
    services,
    resolved,
    mergedInto,
    team,
    digest,
    news = 0,
    places = [],
    calls,
  } = incident
  return {
    id,
    status,
    severity,
    firstAt,
    lastAt,
    firing,
    change,
    filed: filed + timeline.length,
    runs: runs?.length ?? 0,
    news,
    isHeld: isHeld(incident),
    places,
    lineCalls: places.slice(1).map((place) => newestCall(calls, place)),
    services,
    ...(resolved && { resolved: { at: resolved.at } }),
    ...(due !== undefined && { due }),
    ...(mergedInto !== undefined && { mergedInto }),
    ...(team !== undefined && { team }),
    ...(digest !== undefined && { digest }),
  }
}
