// The board, and how an incident is found on it.
import type { Heartbeat } from '../watchdog/heartbeat.ts'
import type { Remediations } from './run.ts'
import { own } from '../words/words.ts'
import type { Digest } from '../notify/digest.ts'
import type { KeptByOld } from '../notify/ledger.ts'
import type { Incident } from './incident.ts'
import { inOrder, Rows, type Row } from './rows.ts'

/** Everything that is open or may still reopen. */
export interface Board {
  nextId: number
  /** Those that are at hand, whole. */
  incidents: Record<string, Incident>
  /** What the index says of each incident that was there when it was read. Of those at hand, `incidents` knows better. */
  index: Rows
  /** How long the index was when it was read, in bytes. */
  size?: number
  /** Messages that could not be read since the last quiet hour; told in a single Slack message. */
  unreadable?: Unreadable
  /** The first alarm that was ignored without anybody having asked for it; people are told once. */
  ignored?: Ignoring
  /** By number: floods of incidents, each told in one message. */
  digests?: Record<number, Digest>
  /** By channel: when the latest incidents were raised there, of the last minute. */
  raised?: Record<string, number[]>
  remediation?: Remediations
  /** What 0.1.0 kept was just taken over: its board is emptied with the next commit at the latest. */
  isFenced?: true
  /** The last heartbeat that reached intake. */
  heartbeat?: Heartbeat
}

export interface Ignoring {
  since: number
  /** Name of the alarm. */
  alarm: string
}

export interface Unreadable {
  count: number
  since: number
  last: number
  reason: string
  sample: string
  /** What versions up to 0.1.0 had shown in Slack. */
  slack?: KeptByOld
}

export const emptyBoard = (): Board => ({ nextId: 1, incidents: {}, index: Rows.of([]) })

/** Short enough to say aloud, and in the order in which incidents opened. */
export const idOf = (number: number): string => `INC-${String(number).padStart(4, '0')}`

/** A decision needs incidents that are not at hand. Whoever made it fetches them, and decides again from the start. */
export class NotAtHand extends Error {
  override name = 'NotAtHand'
  readonly ids: readonly string[]
  constructor(ids: readonly string[]) {
    super(`${ids.join(', ')} must be fetched first`)
    this.ids = ids
  }
}

export const isOnBoard = ({ incidents, index }: Pick<Board, 'incidents' | 'index'>, id: string): boolean =>
  Object.hasOwn(incidents, id) || index.has(id)

/** Those that have a service of one of these sets, and all that are at hand; in the order in which they opened. */
export function having(
  { incidents, index }: Pick<Board, 'incidents' | 'index'>,
  ...sets: readonly ReadonlySet<string>[]
): Row[] {
  const rows: Row[] = Object.values(incidents)
  if (index.size > 0) {
    const found = new Set(sets.flatMap((services) => index.naming(services)))
    for (const row of found) if (!Object.hasOwn(incidents, row.id)) rows.push(row)
  }
  return rows.length > 1 ? rows.sort(inOrder) : rows
}

/** Throws `NotAtHand` if it has to be fetched first. */
export function incidentOf(board: Board, id: string): Incident | undefined {
  const incident = own(board.incidents, id)
  if (!incident && board.index.has(id)) throw new NotAtHand([id])
  return incident
}

/** Throws `NotAtHand` with all of them that have to be fetched first. */
export function wholeOf(board: Board, rows: readonly Row[]): Incident[] {
  const missing = rows.filter(({ id }) => board.incidents[id] === undefined)
  if (missing.length > 0) throw new NotAtHand(missing.map(({ id }) => id))
  return rows.map(({ id }) => board.incidents[id]!)
}

/** Follows merges, and services that were taken out, to the incident that goes on. */
export function resolveId(board: Board, id: string | undefined, service?: string): Incident | undefined {
  let incident = id === undefined ? undefined : incidentOf(board, id)
  for (let steps = 0; incident && steps < 100; steps++) {
    const next: string | undefined =
      (service === undefined ? undefined : own(incident.unrelated, service)) ?? incident.mergedInto
    if (next === undefined || !isOnBoard(board, next)) return incident
    incident = incidentOf(board, next)
  }
  return incident
}
