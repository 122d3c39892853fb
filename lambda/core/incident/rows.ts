// The rows of the index: what it says of each incident, in the order in which they opened. It never changes; each commit makes the next one.
import { SEVERITIES } from '../facts/signals.ts'
import type { Incident } from './incident.ts'

/** What the index says of an incident: enough to see whether it matters for a decision. An incident at hand is a row as well. */
export interface Row extends Pick<Incident, 'id' | 'status' | 'severity' | 'firstAt' | 'lastAt' | 'firing' | 'change'> {
  resolved?: { at: number }
  mergedInto?: string
  /** The number of the digest that it is told in, instead of a message of its own. */
  digest?: number
  /** By service. */
  services: Record<string, unknown>
}

export const numberOf = (id: string): number => Number(id.slice(id.indexOf('-') + 1))

/** The order in which they opened, without reading their numbers: these have four digits or more. */
export const inOrder = ({ id: a }: Pick<Row, 'id'>, { id: b }: Pick<Row, 'id'>): number =>
  a.length - b.length || (a < b ? -1 : 1)

/** The elder first: the one whose first alarm is older or, of two alike, the one with the lower id. */
export const byAge = (a: Pick<Row, 'id' | 'firstAt'>, b: typeof a): number =>
  a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1)

/** The worst first; of those as bad, the elder. */
export const byUrgency = (a: Pick<Row, 'id' | 'severity' | 'firstAt'>, b: typeof a): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || byAge(a, b)

/** By service: incidents that name it, or did. */
interface Members {
  of: Map<string, Set<string>>
  /** How many of these may be of incidents that have left. */
  gone: number
}

/** A few that are of no use any more are not worth looking through all rows. */
const MOST_GONE = 64

/** By id. `with` copies two lists of numbers and pointers, and looks at nothing that did not change. */
export class Rows<T extends Row = Row> {
  private readonly numbers: readonly number[]
  private readonly all: readonly T[]
  /** Shared with those that follow: it only grows, and what is found there is looked up here. */
  private readonly members: Members

  private constructor(numbers: readonly number[], all: readonly T[], members: Members) {
    this.numbers = numbers
    this.all = all
    this.members = members
  }

  static of<T extends Row>(rows: Iterable<T>): Rows<T> {
    const all = [...rows].sort((a, b) => numberOf(a.id) - numberOf(b.id))
    return new Rows(
      all.map(({ id }) => numberOf(id)),
      all,
      membersOf(all),
    )
  }

  /** The next one: with these rows, new or instead of the older ones, and without those that have gone. */
  with(rows: Iterable<T>, gone: Iterable<string> = []): Rows<T> {
    const [numbers, all] = [this.numbers.slice(), this.all.slice()]
    for (const id of gone) {
      const at = this.placeIn(numbers, id)
      if (all[at]?.id !== id) continue
      numbers.splice(at, 1)
      this.members.gone += Object.keys(all.splice(at, 1)[0]!.services).length
    }
    for (const row of rows) {
      const at = this.placeIn(numbers, row.id)
      const isKnown = all[at]?.id === row.id
      all.splice(at, isKnown ? 1 : 0, row)
      if (!isKnown) numbers.splice(at, 0, numberOf(row.id))
      add(this.members.of, row)
    }
    return new Rows(numbers, all, this.members.gone > all.length + MOST_GONE ? membersOf(all) : this.members)
  }

  /** Where it is, or would be. */
  private placeIn(numbers: readonly number[], id: string): number {
    const number = numberOf(id)
    let [from, to] = [0, numbers.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (numbers[middle]! < number) from = middle + 1
      else to = middle
    }
    return from
  }

  get size(): number {
    return this.all.length
  }

  get(id: string): T | undefined {
    const row = this.all[this.placeIn(this.numbers, id)]
    return row?.id === id ? row : undefined
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  /** Those that name one of these services. */
  naming(services: ReadonlySet<string>): T[] {
    const { of } = this.members
    const [fewer, others] = services.size < of.size ? [services, of] : [of, services]
    const found: T[] = []
    for (const service of fewer.keys()) {
      if (!others.has(service)) continue
      for (const id of of.get(service)!) {
        const row = this.get(id)
        if (row && Object.hasOwn(row.services, service)) found.push(row)
      }
    }
    return found
  }

  values(): ArrayIterator<T> {
    return this.all.values()
  }
}

function membersOf(rows: Iterable<Row>): Members {
  const of: Members['of'] = new Map()
  for (const row of rows) add(of, row)
  return { of, gone: 0 }
}

function add(members: Members['of'], { id, services }: Row): void {
  for (const service in services) {
    const known = members.get(service)
    if (known) known.add(id)
    else members.set(service, new Set([id]))
  }
}
