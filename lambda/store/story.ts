// The story of an incident: its timeline, entry by entry.
import type { Incident } from '../core/incident/incident.ts'
import type { Entry } from '../core/incident/timeline.ts'
import { nameOf, type Item, type Table } from '../ports/table.ts'
import { readItems, valueOf, type Flying, type Stored } from './flight.ts'
import { entryKey, keyOf } from './parts.ts'

/** What has not landed. */
type Flown = ReadonlyMap<string, Pick<Flying, 'body'>>

/** The whole timeline, as far as it can be read. */
export async function readTimeline(table: Table, incident: Incident, flying: Flown = new Map()): Promise<Entry[]> {
  const { id, filed, timeline } = incident
  if (filed === 0) return timeline
  const { pk } = keyOf(id)
  const landed = (await table.list(pk, 'STORY#')).map((item) => ({ sk: item.sk, value: valueOf(item) }))
  const entries = entriesOf(incident, 0, landed, flying)
  if (entries[0] === undefined) fillIn(entries, await table.list(pk, 'TIMELINE#'))
  return [...entries.filter((entry) => entry !== undefined), ...timeline]
}

/** The entries after the first `from`, oldest first. */
export async function readEntries(table: Table, incident: Incident, from: number, flying: Flown): Promise<Entry[]> {
  const { id, filed, timeline } = incident
  const keys = Array.from({ length: Math.max(0, filed - from) }, (_, place) => keyOf(id, entryKey(from + place + 1)))
  const items = await readItems(table, keys)
  const entries = entriesOf(incident, from, [...items.values()], flying)
  return [...entries.filter((entry) => entry !== undefined), ...timeline.slice(Math.max(0, from - filed))]
}

function entriesOf(
  { id, filed }: Incident,
  from: number,
  items: readonly Pick<Stored, 'sk' | 'value'>[],
  flying: Flown,
): (Entry | undefined)[] {
  const landed = new Map(items.map(({ sk, value }) => [sk, value]))
  return Array.from({ length: Math.max(0, filed - from) }, (_, place) => {
    const key = keyOf(id, entryKey(from + place + 1))
    return (flying.get(nameOf(key))?.body ?? landed.get(key.sk)) as Entry | undefined
  })
}

/** 0.1.0 filed the oldest entries, sixty in an item. */
function fillIn(entries: (Entry | undefined)[], items: readonly Item[]): void {
  const filed = items.flatMap((item) => (valueOf(item) as Entry[] | undefined) ?? [])
  for (const [place, entry] of filed.entries()) if (place < entries.length) entries[place] ??= entry
}
