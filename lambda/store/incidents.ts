// What is kept off the board, for reports: incidents that have left it, and the oldest lines of long timelines.
import type { Incident } from '../core/incident/incident.ts'
import type { FiledLines } from '../core/incident/leaving.ts'
import type { Entry } from '../core/incident/timeline.ts'
import type { Item, Key, Table } from '../ports/table.ts'

const KEPT_SECONDS = 400 * 86_400

const keyOf = (id: string): Key => ({ pk: `INCIDENT#${id}`, sk: 'INCIDENT' })

const expiry = (now: number): number => Math.floor(now / 1000) + KEPT_SECONDS

/** An incident that has left the board. */
export async function readIncident(table: Table, id: string): Promise<Incident | undefined> {
  const item = await table.get(keyOf(id))
  return item && (JSON.parse(item.body) as Incident)
}

/** The whole timeline: what was filed away, and what is still on the board. */
export async function readTimeline(table: Table, incident: Incident): Promise<Entry[]> {
  const filed = incident.filed > 0 ? await table.list(keyOf(incident.id).pk, 'TIMELINE#') : []
  return [...filed.flatMap(({ body }) => JSON.parse(body) as Entry[]).slice(0, incident.filed), ...incident.timeline]
}

export const itemOfIncident = (incident: Incident, now: number): Item => ({
  ...keyOf(incident.id),
  rev: incident.change,
  body: JSON.stringify(incident),
  expires: expiry(now),
})

export const itemOfLines = ({ of, from, entries }: FiledLines, now: number): Item => ({
  pk: keyOf(of).pk,
  sk: `TIMELINE#${String(from).padStart(6, '0')}`,
  rev: 1,
  body: JSON.stringify(entries),
  expires: expiry(now),
})
