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

/** With only these of its changes and parts: the same one if that is all of them, and none if it is nothing. */
export function narrowed(one: Flight, changes: Flight['changes'], parts: Part[] = []): Flight[] {
  if (changes.length === 0 && parts.length === 0) return []
  if (changes.length === one.changes.length && parts.length === (one.parts?.length ?? 0)) return [one]
  return [{ rev: one.rev, at: one.at, changes, ...(parts.length > 0 && { parts }) }]
}

/** The flight without the parts that have landed. */
export const stillFlying = (flight: readonly Flight[], items: Items): Flight[] =>
  flight.flatMap((one) => {
    const missing = one.parts?.filter((part) => (items.get(nameOfPart(part))?.rev ?? 0) < one.rev)
    return narrowed(one, one.changes, missing)
  })

const texts = new WeakMap<Flight, string>()

/** As it is stored. What stays on the list from commit to commit is not written down again. */
export function textOf(one: Flight): string {
  const text = texts.get(one) ?? JSON.stringify(one)
  texts.set(one, text)
  return text
}

export async function land(table: Table, flying: Iterable<Flying>): Promise<void> {
  await Promise.all([...flying].map(({ part, body, rev, at }) => table.advance(itemOf(part, body, { rev, at }))))
}
