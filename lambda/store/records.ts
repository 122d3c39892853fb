// The alarms' records: what is remembered of each alarm between its changes. They follow the board, which lists what has not landed in them yet.
import { withChange, type Alarm } from '../core/incident/alarm.ts'
import type { Item, Key, Table } from '../ports/table.ts'
import { narrowed, readItems, type Flight } from './flight.ts'

/** A record expires if nothing was heard of its alarm for this long. */
const KEPT_SECONDS = 30 * 86_400

export type Records = ReadonlyMap<string, { alarm: Alarm; rev: number }>

const keyOf = (key: string): Key => ({ pk: `ALARM#${key}`, sk: 'ALARM' })

/** What cannot be read is added to `unreadable`: its alarm is unknown then. */
export async function readRecords(table: Table, keys: readonly string[], unreadable: Item[] = []): Promise<Records> {
  const items = await readItems(table, keys.map(keyOf), unreadable)
  const alarms = [...items.values()].map(({ value, rev }) => ({ alarm: value as Alarm, rev }))
  return new Map(alarms.map((record) => [record.alarm.key, record]))
}

/** What is remembered of these alarms, by key. */
export async function readAlarms(table: Table, keys: readonly string[]): Promise<Map<string, Alarm>> {
  return new Map([...(await readRecords(table, keys))].map(([key, { alarm }]) => [key, alarm]))
}

export async function writeRecords(table: Table, alarms: Iterable<Alarm>, rev: number, now: number): Promise<void> {
  const expires = Math.floor(now / 1000) + KEPT_SECONDS
  const items = [...alarms].map(({ partial: _, ...alarm }): Item => ({
    ...keyOf(alarm.key),
    rev,
    body: JSON.stringify(alarm),
    expires,
  }))
  await Promise.all(items.map((item) => table.advance(item)))
}

/** The flight without the changes that have landed, and the alarms as they are with the others. */
export function unlanded(
  flight: readonly Flight[],
  records: Records,
): { flying: Flight[]; alarms: Map<string, Alarm> } {
  const flying: Flight[] = []
  const alarms = new Map<string, Alarm>()
  for (const one of flight) {
    const missing = one.changes.filter(([key]) => (records.get(key)?.rev ?? 0) < one.rev)
    flying.push(...narrowed(one, missing, one.parts))
    for (const [key, changedAt, state, incident] of missing) {
      const known = alarms.get(key) ?? records.get(key)?.alarm ?? ghost(key)
      const alarm: Alarm = { ...known, partial: true, changes: withChange(known.changes, { at: changedAt, state }) }
      if (incident !== '') alarm.incident = incident
      alarms.set(key, alarm)
    }
  }
  return { flying, alarms }
}

/** An alarm whose first record has not landed: its message is redelivered and fills in the rest. */
const ghost = (key: string): Alarm => ({ key, name: '', service: '', signal: 'other', changes: [] })

/** The changes that a record has beyond the one it replaces: enough to rebuild it from that one. */
export function changesSince(alarm: Alarm, before: Alarm | undefined): Flight['changes'] {
  const known = new Set(before?.changes.map(([at, state]) => `${at}${state}`))
  return alarm.changes
    .filter(([at, state]) => !known.has(`${at}${state}`))
    .map(([at, state]) => [alarm.key, at, state, alarm.incident ?? ''])
}
