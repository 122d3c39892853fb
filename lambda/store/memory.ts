// What this process read, or committed and landed itself: that need not be read again.
import type { Incident } from '../core/incident/incident.ts'
import type { Table } from '../ports/table.ts'
import { narrowed, type Flight, type Flying } from './flight.ts'
import { nameOfPart } from './parts.ts'
import type { Read } from './read-index.ts'

/**
 * Incidents as this process has had them at hand. It goes on with each commit; whoever loaded before that may find something newer here, and cannot
 * commit any more.
 */
export type Remembered = Map<string, Incident>

/** The index as it was stored when this process last read or wrote it. By its text as well: after a restore, a revision may be given again. */
interface Known {
  body: string
  read: Pick<Read, 'index' | 'rev' | 'size' | 'flying' | 'remembered'>
}

/** What was committed, and landed as far as it is not `flying`. `at`: when it was committed, in ms. */
interface Landed extends Known {
  at: number
  /** Names of the items that were written. */
  landed: ReadonlySet<string>
  read: Known['read'] & { flying: ReadonlyMap<string, Flying> }
}

export interface Memory {
  /** When this process committed last, in ms. */
  committedAt?: number
  /** As long as nobody else has committed, it need not be read again. */
  known?: Known
  landed(commit: Landed): void
  /** Without what this process has landed itself. */
  withoutLanded(flight: readonly Flight[]): Flight[]
}

/** By table: a test or a replay holds several. */
const memories = new WeakMap<Table, Memory>()

export function memoryOf(table: Table): Memory {
  const known = memories.get(table)
  if (known) return known
  const own = new Set<string>()
  const nameOfCommit = ({ rev, at }: Pick<Flight, 'rev' | 'at'>): string => `${rev} ${at}`
  const memory: Memory = {
    landed({ at, body, read, landed }) {
      own.add(nameOfCommit({ rev: read.rev, at }))
      const flight = without(landed, memory.withoutLanded(read.index.flight))
      memory.committedAt = at
      memory.known = { body, read: { ...read, index: { ...read.index, flight } } }
    },
    withoutLanded(flight) {
      const listed = new Set(flight.map(nameOfCommit))
      for (const name of own) if (!listed.has(name)) own.delete(name)
      return flight.flatMap((one) => (own.has(nameOfCommit(one)) ? whatStays(one) : [one]))
    },
  }
  memories.set(table, memory)
  return memory
}

function without(landed: ReadonlySet<string>, flight: Flight[]): Flight[] {
  if (landed.size === 0) return flight
  return flight.flatMap((one) => {
    const left = one.parts?.filter((part) => !landed.has(nameOfPart(part)))
    return narrowed(one, one.changes, left)
  })
}

function whatStays(one: Flight): Flight[] {
  const staying = one.parts?.filter(({ listedSince }) => listedSince !== undefined)
  return narrowed(one, [], staying)
}
