// What was committed and may not have landed in its items yet: whoever reads counts it in, and whoever commits next lands it.
import type { AlarmState } from '../core/incident/alarm.ts'
import { nameOf, type Item, type Key, type Table } from '../ports/table.ts'
import { edited, HEAD, itemOf, keyOf, nameOfPart, type Head, type Part, type Piece } from './parts.ts'

/** What one commit changed, as `rev`. */
export interface Flight {
  rev: number
  at: number
  changes: [key: string, at: number, state: AlarmState, incident: string][]
  parts?: Part[]
}

export interface Stored extends Key {
  rev: number
  value: unknown
}

/** Items by their key: those that can be read. */
export type Items = Map<string, Stored>

/** What every stored thing of a kind has: anything else is not readable. By the beginning of its sort key. */
const SHAPES: readonly [sk: string, isSound: (value: Record<string, unknown>) => boolean][] = [
  ['ALARM', ({ key, changes }) => typeof key === 'string' && Array.isArray(changes)],
  ['INCIDENT', ({ id, services }) => typeof id === 'string' && typeof services === 'object' && services !== null],
  ['RUN#', ({ id, status, steps }) => typeof id === 'string' && typeof status === 'string' && Array.isArray(steps)],
  ['OPEN#', ({ shown, threaded }) => typeof shown === 'number' && typeof threaded === 'number'],
  ['TOLD#', ({ shown, threaded }) => typeof shown === 'number' && typeof threaded === 'number'],
  ['STORY#', ({ kind, text }) => typeof kind === 'string' && typeof text === 'string'],
]

/** Undefined if it cannot be read. */
export function valueOf(item: Item | undefined): unknown {
  if (!item) return undefined
  try {
    const value = JSON.parse(item.body) as Record<string, unknown> | null
    const isSound = SHAPES.find(([sk]) => item.sk.startsWith(sk))?.[1]
    return value !== null && typeof value === 'object' && isSound?.(value) !== false ? value : undefined
  } catch {
    return undefined
  }
}

/** DynamoDB: 100 keys per request. */
const MOST_KEYS = 100

/** What cannot be read is added to `unreadable`. */
export async function readItems(table: Table, keys: readonly Key[], unreadable: Item[] = []): Promise<Items> {
  const wanted = [...new Map(keys.map((key) => [nameOf(key), key])).values()]
  const items: Items = new Map()
  for (let i = 0; i < wanted.length; i += MOST_KEYS)
    for (const item of await table.getMany(wanted.slice(i, i + MOST_KEYS))) {
      const { pk, sk, rev } = item
      const value = valueOf(item)
      if (value === undefined) unreadable.push(item)
      else items.set(nameOf(item), { pk, sk, rev, value })
    }
  return items
}

/** A piece that has not landed. */
export interface Flying extends Piece {
  rev: number
  at: number
}

export const keysOf = (flight: readonly Flight[]): Key[] =>
  flight.flatMap(({ parts = [] }) => parts.map(({ of, sk }) => keyOf(of, sk)))

/** Each part that is newer than its item. */
export function flyingParts(flight: readonly Flight[], items: Items): Map<string, Flying> {
  const flying = new Map<string, Flying>()
  for (const { rev, at, parts = [] } of flight)
    for (const part of parts) {
      const name = nameOfPart(part)
      const item = items.get(name)
      if ((item?.rev ?? 0) >= rev) continue
      const known = part.whole ? {} : (flying.get(name)?.body ?? item?.value ?? {})
      flying.set(name, {
        part,
        rev,
        at: part.listedSince ?? at,
        body: part.sk === HEAD ? edited(known as Head, part.edits ?? []) : part.body,
      })
    }
  return flying
}

/** The flight without the parts that have landed. */
export function stillFlying(flight: readonly Flight[], items: Items): Flight[] {
  return flight.map(({ parts = [], ...rest }) => {
    const missing = parts.filter((part) => (items.get(nameOfPart(part))?.rev ?? 0) < rest.rev)
    return missing.length > 0 ? { ...rest, parts: missing } : rest
  })
}

export async function land(table: Table, flying: Iterable<Flying>): Promise<void> {
  await Promise.all([...flying].map(({ part, body, rev, at }) => table.advance(itemOf(part, body, { rev, at }))))
}
