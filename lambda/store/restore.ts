// What cannot be read is put together again from what can: an incident from its alarms' records, the index from the items of its incidents.
import { firings, isDeleted, isFiring, type Alarm } from '../core/incident/alarm.ts'
import { inOrder, numberOf, Rows } from '../core/incident/rows.ts'
import { combine, type Incident, type Member } from '../core/incident/incident.ts'
import { LOST, type Remediations, type Run, type RunRecord } from '../core/incident/run.ts'
import { excessOf } from '../core/intake/measure.ts'
import { HISTORY_MOST } from '../core/remediate/runs.ts'
import { own } from '../core/words/words.ts'
import type { Item } from '../ports/table.ts'
import { valueOf } from './flight.ts'
import { newNames, placeOf, type Index, type Place } from './pack.ts'
import { HEAD, type Head } from './parts.ts'

/** All that the table holds, read once. */
export interface Rest {
  /** By id, those that can be read. */
  heads: ReadonlyMap<string, Head>
  /** By the incident in which they count now. */
  alarms: ReadonlyMap<string, readonly Alarm[]>
}

const idOfItem = ({ pk }: Item): string => pk.slice(pk.indexOf('#') + 1)

export function restOf(items: readonly Item[]): Rest {
  const heads = new Map<string, Head>()
  for (const item of items) {
    const head = item.sk === HEAD ? (valueOf(item) as Head | undefined) : undefined
    if (head) heads.set(idOfItem(item), head)
  }
  const alarms = new Map<string, Alarm[]>()
  for (const item of items) {
    const alarm = item.sk === 'ALARM' ? (valueOf(item) as Alarm | undefined) : undefined
    if (alarm?.incident === undefined) continue
    addTo(alarms, homeOf(heads, alarm.incident, alarm.service), alarm)
  }
  return { heads, alarms }
}

function addTo<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key)
  if (list) list.push(one)
  else lists.set(key, [one])
}

/** A record keeps the incident that its alarm joined: follows merges, and services that were taken out, to the one that goes on. */
function homeOf(heads: Rest['heads'], id: string, service: string): string {
  const seen = new Set<string>()
  for (let at = id; ;) {
    seen.add(at)
    const head = heads.get(at)
    const taken = own((head?.['unrelated'] ?? {}) as Record<string, string>, service)
    const next = taken ?? (head?.['mergedInto'] as string | undefined)
    if (next === undefined || seen.has(next)) return at
    at = next
  }
}

/** Counts the incident's alarms anew. What its head says of a service counts where no record does. */
export function recounted(incident: Incident, { alarms }: Rest): Incident {
  const mine = alarms.get(incident.id) ?? []
  const counted: Record<string, Member> = {}
  for (const alarm of mine) {
    const member = (counted[alarm.service] ??= {})
    const seen = {
      firing: Number(isFiring(alarm.changes)),
      total: 1,
      ...(isDeleted(alarm.changes) && { deleted: 1 }),
      from: firings(alarm.changes).find(({ from }) => from >= incident.firstAt)?.from ?? incident.firstAt,
      excess: excessOf(alarm),
      lead: alarm.key,
    }
    const known = member[alarm.signal]
    member[alarm.signal] = known ? combine(known, seen) : seen
  }
  const services = together(incident.services, counted)
  const tallies = Object.values(services).flatMap((member) => Object.values(member))
  const firing = tallies.reduce((sum, tally) => sum + tally.firing, 0)
  const ends = mine.flatMap(({ changes }) => (isDeleted(changes) ? [] : (firings(changes).at(-1)?.until ?? [])))
  return { ...incident, services, firing, ...(ends.length > 0 && { quietSince: Math.max(...ends) }) }
}

/** Of a tally that is known, only how much fires is counted anew. */
function together(known: Incident['services'], counted: Incident['services']): Incident['services'] {
  const services = { ...known }
  for (const [service, member] of Object.entries(counted)) {
    const before = own(known, service) ?? {}
    const next: Member = { ...before }
    for (const [signal, tally] of Object.entries(member) as [keyof Member, NonNullable<Member[keyof Member]>][]) {
      const old = before[signal]
      next[signal] = old ? { ...old, firing: tally.firing } : tally
    }
    services[service] = next
  }
  return services
}

/** An incident whose head is gone: what the index knows of it, and its alarms. */
export function fromIndex(place: Place, rest: Rest): Incident {
  const { id, status, severity, firstAt, lastAt, change, filed, news, team, places, lineCalls, resolved, mergedInto } =
    place
  const calls = lineCalls.flatMap((entry, line) => (entry > 0 ? [{ team: '', place: places[line + 1]!, entry }] : []))
  const incident: Incident = {
    id,
    // What somebody did with it is not known any more; nobody is called less because of that.
    status: status === 'acknowledged' || status === 'snoozed' ? 'open' : status,
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
    news,
    places: [...places],
    ...(team !== undefined && { team }),
    ...(calls.length > 0 && { calls }),
    ...(resolved && { resolved }),
    ...(mergedInto !== undefined && { mergedInto }),
  }
  return recounted(incident, rest)
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
  /** The newest revision of all items. */
  rev: number
}

/** Those count for themselves. */
const isLedger = (pk: string, sk: string): boolean =>
  pk.startsWith('PLACE#') || pk === 'SLACK' || sk.startsWith('TOLD#')

/** Every change takes a commit, so a counter that is so much higher was never given: every message is edited. */
const LATER = 1_000_000

/** From all that the table holds. */
export function rebuilt(items: readonly Item[]): Rebuilt {
  const rest = restOf(items)
  const partitions = new Map<string, Item[]>()
  for (const item of items) addTo(partitions, item.pk, item)
  const counted = items.filter((item) => !isLedger(item.pk, item.sk) && !Number.isNaN(item.rev))
  const rev = greatest(counted.map((item) => item.rev))
  const change = rev + LATER
  const open = [...rest.heads]
    .flatMap(([id, head]) => openIncident(head, partitions.get(`INCIDENT#${id}`) ?? [], rest) ?? [])
    .map((incident) => ({ ...incident, change }))
    .sort(inOrder)
  const numbers = items.filter(({ sk }) => sk === HEAD).map((item) => numberOf(idOfItem(item)))
  return {
    index: {
      places: Rows.of(open.map((incident) => placeOf(incident, 0))),
      rest: { nextId: greatest(numbers) + 1, remediation: historyIn(items) },
      flight: [],
      rules: '',
      names: newNames(),
    },
    incidents: Object.fromEntries(open.map((incident) => [incident.id, incident])),
    rev,
  }
}

const greatest = (numbers: readonly number[]): number => numbers.reduce((most, number) => Math.max(most, number), 0)

/** Of the items of one partition: those whose sort key begins like this. */
const startingWith = (items: readonly Item[], prefix: string): Item[] => items.filter(({ sk }) => sk.startsWith(prefix))

function openIncident(head: Head, items: readonly Item[], rest: Rest): Incident | undefined {
  // What 0.1.0 filed had left its board.
  if ('left' in head || 'timeline' in head) return undefined
  const filed = greatest(startingWith(items, 'STORY#').map(({ sk }) => Number(sk.slice(sk.indexOf('#') + 1))))
  const runs = head['mergedInto'] === undefined ? runsIn(items) : []
  const incident = { ...head, filed, timeline: [], ...(runs.length > 0 && { runs }) } as unknown as Incident
  return incident.mergedInto === undefined ? recounted(incident, rest) : incident
}

const runsIn = (items: readonly Item[]): Run[] =>
  startingWith(items, 'RUN#')
    .sort((a, b) => (a.sk < b.sk ? -1 : 1))
    .flatMap((item) => (valueOf(item) as Run | undefined) ?? [])

/** A merge leaves a run behind as it was then: of two records of the same run, the one that has ended counts. */
function historyIn(items: readonly Item[]): Remediations {
  const records = new Map<string, RunRecord>()
  for (const { id, runbook, lock = '', mode, startedAt, endedAt, status } of runsIn(items)) {
    if (startedAt === undefined || records.get(id)?.endedAt !== undefined) continue
    const ended = endedAt === undefined ? {} : { endedAt, ok: status === 'succeeded' }
    records.set(id, { run: id, runbook, lock, mode, startedAt, ...ended })
  }
  const history = [...records.values()].sort((a, b) => a.startedAt - b.startedAt)
  return { history: history.slice(-HISTORY_MOST) }
}
