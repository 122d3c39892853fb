// The alarms' records: what is remembered of each alarm between its changes. They follow the board, which lists what has not landed in them yet.
import { withChange, type Alarm, type AlarmState } from '../core/incident/alarm.ts'
import type { Item, Key, Table } from '../ports/table.ts'

/** A record expires if nothing was heard of its alarm for this long. */
const KEPT_SECONDS = 30 * 86_400

/** The changes of a batch that was committed as `rev`. */
export type Flight = {
  rev: number
  at: number
  changes: [key: string, at: number, state: AlarmState, incident: string][]
}

export type Records = ReadonlyMap<string, { alarm: Alarm; rev: number }>

const keyOf = (key: string): Key => ({ pk: `ALARM#${key}`, sk: 'ALARM' })

export async function readRecords(table: Table, keys: readonly string[]): Promise<Records> {
  const found = new Map<string, { alarm: Alarm; rev: number }>()
  const wanted = [...new Set(keys)]
  for (let i = 0; i < wanted.length; i += 100)
    for (const { body, rev } of await table.getMany(wanted.slice(i, i + 100).map(keyOf))) {
      const alarm = JSON.parse(body) as Alarm
      found.set(alarm.key, { alarm, rev })
    }
  return found
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

/** The part of the flight that has not landed, and the alarms as they are with those changes. */
export function unlanded(
  flight: readonly Flight[],
  records: Records,
): { flying: Flight[]; alarms: Map<string, Alarm> } {
  const flying: Flight[] = []
  const alarms = new Map<string, Alarm>()
  for (const { rev, at, changes } of flight) {
    const missing = changes.filter(([key]) => (records.get(key)?.rev ?? 0) < rev)
    if (missing.length > 0) flying.push({ rev, at, changes: missing })
    for (const [key, changedAt, state, incident] of missing) {
      const known = alarms.get(key) ?? records.get(key)?.alarm ?? ghost(key)
      const alarm: Alarm = { ...known, partial: true, changes: withChange(known.changes, changedAt, state) }
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
