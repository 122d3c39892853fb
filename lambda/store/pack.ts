// The index as it is stored: a short row for each incident, and the name of each service once.
import { SEVERITIES } from '../core/facts/signals.ts'
import { idOf, numberOf, type Board, type Row } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { STATUSES } from '../core/incident/status.ts'
import type { Flight } from './flight.ts'

/** What the index keeps of an incident. */
export interface Place extends Row {
  /** How many entries its timeline has, and how many runs it has. */
  filed: number
  runs: number
  /** When something falls due for it by itself, in ms. */
  due?: number
  /** Slack does not show what is true of it. */
  untold: boolean
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
  untold: number,
  mergedInto: number,
  ...services: number[],
]

type Rest = Omit<Board, 'incidents' | 'index'>

export interface Index {
  places: Record<string, Place>
  rest: Rest
  flight: Flight[]
  /** The config by which due times were worked out. */
  rules: string
}

interface Stored extends Rest {
  version: number
  rows: Packed[]
  services: string[]
  flight?: Flight[]
  rules: string
}

export function pack({ places, rest, flight, rules }: Index): string {
  const numbers = new Map<string, number>()
  const numberOfService = (service: string): number => {
    const known = numbers.get(service)
    if (known !== undefined) return known
    numbers.set(service, numbers.size)
    return numbers.size - 1
  }
  const rows = Object.values(places).map((place) => packed(place, numberOfService))
  const services = [...numbers.keys()]
  const stored: Stored = { version: VERSION, ...rest, services, rows, rules, ...(flight.length > 0 && { flight }) }
  return JSON.stringify(stored)
}

function packed(place: Place, numberOfService: (service: string) => number): Packed {
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
    Number(place.untold),
    place.mergedInto === undefined ? -1 : numberOf(place.mergedInto),
    ...Object.keys(place.services).map(numberOfService),
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
  const places = rows.map((row) => unpacked(row, services))
  return { places: Object.fromEntries(places.map((place) => [place.id, place])), rest, flight, rules }
}

function unpacked(row: Packed, names: readonly string[]): Place {
  const [number, status, severity, firstAt, lastAt, resolved, due, firing, change, filed, runs, untold, merged, ...of] =
    row
  const services: Record<string, true> = {}
  for (const service of of) services[names[service]!] = true
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
    untold: untold === 1,
    services,
    ...(resolved >= 0 && { resolved: { at: firstAt + resolved } }),
    ...(due >= 0 && { due: firstAt + due }),
    ...(merged >= 0 && { mergedInto: idOf(merged) }),
  }
}

export function placeOf(incident: Incident, { due, untold }: { due: number | undefined; untold: boolean }): Place {
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
    untold,
    services,
    ...(resolved && { resolved: { at: resolved.at } }),
    ...(due !== undefined && { due }),
    ...(mergedInto !== undefined && { mergedInto }),
  }
}
