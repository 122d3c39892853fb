// Every incident of a replay, on the board or not, with its whole story.
import type { Incident } from '../lambda/core/incident/incident.ts'
import { load, readBoard, readIncident } from '../lambda/store/board.ts'
import { readTimeline } from '../lambda/store/story.ts'
import type { Table } from '../lambda/ports/table.ts'
import type { MemoryTable } from './memory.ts'

/** By id; those that have left the board come first. */
export async function everyIncident(stored: MemoryTable, table: Table = stored): Promise<Map<string, Incident>> {
  const { incidents } = await readBoard(table)
  const { flying } = await load(table, [])
  const found = new Map<string, Incident>()
  for (const { pk, sk } of stored.items()) {
    const id = pk.slice(pk.indexOf('#') + 1)
    const left = sk === 'INCIDENT' && !incidents[id] ? await readIncident(table, id) : undefined
    if (left) found.set(id, { ...left, filed: 0, timeline: await readTimeline(table, left, flying) })
  }
  for (const incident of Object.values(incidents)) found.set(incident.id, incident)
  return found
}
