// An incident in the table: what it is (its head), each of its runs, and each entry of its timeline are items of their own.
import type { Incident } from '../core/incident/incident.ts'
import { nameOf, type Item, type Key } from '../ports/table.ts'

/** Fields that count alarms. In a storm they change with every batch. */
const COUNTED = new Set(['services', 'firing', 'firstAt', 'lastAt', 'quietSince'])

/** Fields that are kept by key: of these, only what changed is written down until it has landed. */
const MAPS = ['services', 'flapping', 'unrelated'] as const
type MapField = (typeof MAPS)[number]

/** What is kept in the index or in items of their own instead. */
const ELSEWHERE = new Set(['change', 'filed', 'timeline', 'runs'])

export type Head = Record<string, unknown>

/** One field with its new value, or one key of a field with its new value; null removes it. */
export type Edit = [field: string, value: unknown] | [field: MapField, key: string, value: unknown]

/** A piece of an incident that was committed and may not have landed yet. `edits`: of its head; else `body` is the whole item. */
export interface Part {
  of: string
  sk: string
  edits?: Edit[]
  body?: unknown
  /** It is of an incident that has left the board. */
  left?: true
  /** The edits are all that there is: what lies below is forgotten. */
  whole?: true
  /** It need not land at once: it only counts, and the alarms' records could tell the same. Since when it is on the list, in ms. */
  listedSince?: number
}

export const HEAD = 'INCIDENT'
export const keyOf = (of: string, sk: string = HEAD): Key => ({ pk: `INCIDENT#${of}`, sk })
/** The name of the item that a part becomes. */
export const nameOfPart = ({ of, sk }: Pick<Part, 'of' | 'sk'>): string => nameOf(keyOf(of, sk))
export const runKey = (number: number): string => `RUN#${String(number).padStart(3, '0')}`
export const entryKey = (number: number): string => `STORY#${String(number).padStart(6, '0')}`

const isMap = (field: string): field is MapField => (MAPS as readonly string[]).includes(field)

function headOf(incident: Incident): Head {
  return Object.fromEntries(Object.entries(incident).filter(([field]) => !ELSEWHERE.has(field)))
}

function editsOf(now: Head, was: Head): Edit[] {
  const edits: Edit[] = []
  for (const field of new Set([...Object.keys(now), ...Object.keys(was)])) {
    if (now[field] === was[field]) continue
    if (!isMap(field) || now[field] === undefined || was[field] === undefined) edits.push([field, now[field] ?? null])
    else edits.push(...editsOfMap(field, now[field] as Head, was[field] as Head))
  }
  return edits
}

function editsOfMap(field: MapField, now: Head, was: Head): Edit[] {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(was)])].filter((key) => now[key] !== was[key])
  return keys.map((key): Edit => [field, key, Object.hasOwn(now, key) ? now[key] : null])
}

/** The head after these edits. */
export function edited(head: Head, edits: readonly Edit[]): Head {
  const next: Head = { ...head }
  for (const edit of edits) {
    if (edit.length === 2) set(next, edit[0], edit[1])
    else {
      const map = { ...(next[edit[0]] as Head | undefined) }
      set(map, edit[1], edit[2])
      next[edit[0]] = map
    }
  }
  return next
}

function set(on: Head, key: string, value: unknown): void {
  if (value === null) delete on[key]
  else on[key] = value
}

/** A part, and its whole item. */
export interface Piece {
  part: Part
  body: unknown
}

/** What of an incident is not as it was: its head if any of that changed, runs that changed, and entries that are new. */
export function piecesOf(incident: Incident, was: Incident | undefined): Piece[] {
  return [...headPiece(incident.id, headOf(incident), was && headOf(was)), ...besidesHead(incident, was)]
}

/**
 * What of a head is on the list already, and not landed, goes into one part with what changes now. It may stay there for `withinMs`.
 */
export function onTopOf(
  pieces: readonly Piece[],
  flying: ReadonlyMap<string, Piece & { at: number }>,
  { now, withinMs }: { now: number; withinMs: number },
): Piece[] {
  return pieces.map(({ part, body }) => {
    if (part.sk !== HEAD) return { part, body }
    const known = flying.get(nameOf(keyOf(part.of)))
    const listed = part.whole ? undefined : known?.part
    const edits = merged([...(listed?.edits ?? []), ...(part.edits ?? [])])
    const since = known?.at ?? now
    const mayWait = !part.left && since > now - withinMs && edits.every(([field]) => COUNTED.has(field))
    return {
      part: { ...part, edits, ...(listed?.whole && { whole: true }), ...(mayWait && { listedSince: since }) },
      body,
    }
  })
}

/** Of each field, or key of a field, only the last edit. */
function merged(edits: readonly Edit[]): Edit[] {
  const last = new Map<string, Edit>()
  for (const edit of edits) {
    const name = edit.length === 2 ? edit[0] : `${edit[0]}\n${edit[1]}`
    if (edit.length === 2) for (const known of last.keys()) if (known.startsWith(`${name}\n`)) last.delete(known)
    last.delete(name)
    last.set(name, edit)
  }
  return [...last.values()]
}

/** The last that is written of an incident: what the index knew of it as well. */
export function farewellOf(incident: Incident, was: Incident | undefined, now: number): Piece[] {
  const { change, filed, timeline, runs = [] } = incident
  const last = { change, filed: filed + timeline.length, runs: runs.length, left: now }
  const head = headPiece(incident.id, { ...headOf(incident), ...last }, was && headOf(was))
  return [
    ...head.map(({ part, body }): Piece => ({ part: { ...part, left: true }, body })),
    ...besidesHead(incident, was),
  ]
}

/** `before` unset: whatever is stored of it is forgotten. */
function headPiece(of: string, head: Head, before: Head | undefined): Piece[] {
  const edits = editsOf(head, before ?? {})
  return edits.length > 0 ? [{ part: { of, sk: HEAD, edits, ...(!before && { whole: true }) }, body: head }] : []
}

function besidesHead({ id: of, runs = [], timeline, filed }: Incident, was: Incident | undefined): Piece[] {
  const changed = runs.flatMap((run, place) => (was?.runs?.[place] === run ? [] : [[runKey(place + 1), run] as const]))
  const added = timeline.map((entry, place) => [entryKey(filed + place + 1), entry] as const)
  return [...changed, ...added].map(([sk, body]) => ({ part: { of, sk, body }, body }))
}

/** Kept for reports. */
const KEPT_SECONDS = 400 * 86_400

/** Items of incidents that are open do not expire. */
export const itemOf = ({ of, sk, left }: Part, body: unknown, { rev, at }: { rev: number; at: number }): Item => ({
  ...keyOf(of, sk),
  rev,
  body: JSON.stringify(body),
  ...((sk !== HEAD || left) && { expires: Math.floor(at / 1000) + KEPT_SECONDS }),
})
