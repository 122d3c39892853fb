// What cannot be read is put together again from what can: an incident from its alarms' records, the index from the items of its incidents.
import { firings, isFiring, type Alarm } from '../core/incident/alarm.ts'
import { numberOf } from '../core/incident/board.ts'
import { combine, type Incident, type Member } from '../core/incident/incident.ts'
import { LOST, type Remediations, type Run } from '../core/incident/run.ts'
import { excessOf } from '../core/intake/measure.ts'
import type { Item } from '../ports/table.ts'
import { valueOf } from './flight.ts'
import { placeOf, type Index, type Place } from './pack.ts'
import { HEAD, type Head } from './parts.ts'

/** Of the items of one partition: those whose sort key begins like this. */
const startingWith = (items: readonly Item[], prefix: string): Item[] => items.filter(({ sk }) => sk.startsWith(prefix))

/** `items`: all that the table holds. Counts the incident's alarms anew. */
export function retold(incident: Incident, items: readonly Item[]): Incident {
  const alarms = startingWith(items, 'ALARM').flatMap((item) => (valueOf(item) as Alarm | undefined) ?? [])
  const mine = alarms.filter((alarm) => alarm.incident === incident.id)
  const services: Record<string, Member> = {}
  for (const alarm of mine) {
    const member = (services[alarm.service] ??= {})
    const seen = {
      firing: Number(isFiring(alarm.changes)),
      total: 1,
      from: firings(alarm.changes).find(({ from }) => from >= incident.firstAt)?.from ?? incident.firstAt,
      excess: excessOf(alarm),
      lead: alarm.key,
    }
    const known = member[alarm.signal]
    member[alarm.signal] = known ? combine(known, seen) : seen
  }
  const ends = mine.flatMap(({ changes }) => firings(changes).at(-1)?.until ?? [])
  const firing = mine.filter(({ changes }) => isFiring(changes)).length
  return { ...incident, services, firing, ...(ends.length > 0 && { quietSince: Math.max(...ends) }) }
}

/** An incident whose head is gone: what the index knows of it, and its alarms. */
export function fromIndex(place: Place, items: readonly Item[]): Incident {
  const { id, status, severity, firstAt, lastAt, change, filed, resolved, mergedInto } = place
  const incident: Incident = {
    id,
    status,
    severity,
    openedAt: firstAt,
    firstAt,
    lastAt,
    services: {},
    firing: 0,
    waitingSince: firstAt,
    escalated: 0,
    timeline: [],
    filed,
    change,
    slack: { shown: 0, threaded: filed },
    ...(resolved && { resolved }),
    ...(mergedInto !== undefined && { mergedInto }),
  }
  // What somebody did with it is not known any more; nobody is called less because of that.
  return retold(status === 'acknowledged' || status === 'snoozed' ? { ...incident, status: 'open' } : incident, items)
}

/** A run whose item is gone: a person has to see what it did. */
export const lostRun = (id: string, service: string): Run => ({
  id,
  runbook: LOST,
  title: 'A runbook whose record cannot be read',
  service,
  mode: 'suggest',
  destructive: true,
  status: 'failed',
  needed: 1,
  approvals: [],
  attempt: 1,
  orderedAt: 0,
  steps: [],
  createdAt: 0,
  why: 'its record cannot be read',
})

export interface Rebuilt {
  index: Index
  incidents: Record<string, Incident>
}

/** So much later that every message is edited, and no change counter is given twice. */
const LATER = 1_000_000

/** From all that the table holds. Runbooks stay off until a person lets them run: what they hold is not known for certain. */
export function rebuilt(items: readonly Item[]): Rebuilt {
  const heads = items.filter(({ pk, sk }) => sk === HEAD && pk.startsWith('INCIDENT#'))
  const ids = heads.map(({ pk }) => pk.slice(pk.indexOf('#') + 1))
  const open = heads.flatMap((item) => openIncident(item, items) ?? []).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const places = open.map((incident): [string, Place] => [incident.id, placeOf(incident, { due: 0, untold: true })])
  const nextId = Math.max(0, ...ids.map(numberOf)) + 1
  return {
    index: {
      places: Object.fromEntries(places),
      rest: { nextId, remediation: historyIn(items) },
      flight: [],
      rules: '',
    },
    incidents: Object.fromEntries(open.map((incident) => [incident.id, incident])),
  }
}

function openIncident(item: Item, items: readonly Item[]): Incident | undefined {
  const head = valueOf(item) as Head | undefined
  // What 0.1.0 filed had left its board.
  if (!head || 'left' in head || 'timeline' in head) return undefined
  const own = items.filter(({ pk }) => pk === item.pk)
  const filed = Math.max(0, ...startingWith(own, 'STORY#').map(({ sk }) => Number(sk.slice(sk.indexOf('#') + 1))))
  const runs = head['mergedInto'] === undefined ? runsIn(own) : []
  const change = Number((head['slack'] as { shown?: number } | undefined)?.shown ?? 0) + LATER
  const incident = { ...head, change, filed, timeline: [], ...(runs.length > 0 && { runs }) } as unknown as Incident
  return retold(incident, items)
}

const runsIn = (items: readonly Item[]): Run[] =>
  startingWith(items, 'RUN#')
    .sort((a, b) => (a.sk < b.sk ? -1 : 1))
    .flatMap((item) => (valueOf(item) as Run | undefined) ?? [])

function historyIn(items: readonly Item[]): Remediations {
  const begun = runsIn(items).flatMap((run) =>
    run.startedAt === undefined ? [] : [{ ...run, startedAt: run.startedAt }],
  )
  const history = begun
    .sort((a, b) => a.startedAt - b.startedAt)
    .map(({ id, runbook, lock = '', mode, startedAt, endedAt, status }) => ({
      run: id,
      runbook,
      lock,
      mode,
      startedAt,
      ...(endedAt !== undefined && { endedAt, ok: status === 'succeeded' }),
    }))
  return { history }
}
