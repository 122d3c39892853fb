// Reads and writes the board and the alarms' records as one consistent whole, although DynamoDB writes each on its own.
//
// The board is the point of truth: one conditional write a batch, with the batch's changes listed in it (`flight`). The alarms' records follow.
// Whoever reads the board finds the changes whose records have not landed yet and counts them in, so that a crash in between loses nothing and
// counts nothing twice. What has landed is dropped from the list with the next write.
import { withChange, type Alarm, type AlarmState } from '../core/incident/alarm.ts'
import { fileAway, type Filed } from '../core/escalate/leaving.ts'
import { emptyBoard, type Board } from '../core/incident/board.ts'
import type { Entry } from '../core/incident/timeline.ts'
import type { Incident } from '../core/incident/incident.ts'
import type { Item, Key } from '../ports/table.ts'
import type { Runtime } from '../ports/runtime.ts'

const BOARD: Key = { pk: 'BOARD', sk: 'BOARD' }
const alarmKey = (key: string): Key => ({ pk: `ALARM#${key}`, sk: 'ALARM' })
const incidentKey = (id: string): Key => ({ pk: `INCIDENT#${id}`, sk: 'INCIDENT' })

/** Records of alarms that nothing was heard of for so long are deleted. */
const ALARM_KEPT_SECONDS = 30 * 86_400
/** Incidents are kept for reports. */
const INCIDENT_KEPT_SECONDS = 400 * 86_400
/** A change that never lands (its message expired) is forgotten after this time. */
const FLIGHT_FORGOTTEN_MS = 86_400_000

/** `[key, at, state, incident]` of a change in a batch that was committed as `rev`. */
type Flight = { rev: number; at: number; changes: [key: string, at: number, state: AlarmState, incident: string][] }
type StoredBoard = Board & { flight?: Flight[] }

export interface Loaded {
  board: Board
  alarms: Map<string, Alarm>
}

export interface Decision {
  board: Board
  alarms?: readonly Alarm[]
}

type Slice = Pick<Runtime, 'table' | 'clock' | 'rules'>

/** How often a commit is tried again when another got in between. With a few intakes at once the first or second succeeds. */
const MOST_TRIES = 40

/**
 * Loads, lets `decide` make the next state, commits; again from the start if somebody else committed first. Returns what was decided, and
 * leaves nothing behind if `decide` returns undefined. Throws where a retry can help.
 */
export async function change<T extends Decision | undefined>(
  runtime: Slice,
  keys: readonly string[],
  decide: (loaded: Loaded) => T | Promise<T>,
): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const state = await load(runtime, keys)
    const decision = await decide(state)
    if (decision === undefined && state.unlanded.length === 0) return decision
    if (await commit(runtime, state, decision)) return decision
    await runtime.clock.sleepUpTo(Math.min(200, 5 * 2 ** tries))
  }
  throw new Error(`the board changed ${MOST_TRIES} times while one change was made; trying again later`)
}

/** The board as it is, to look at. */
export async function look({ table }: Pick<Runtime, 'table'>): Promise<Board> {
  return parseBoard(await table.get(BOARD)).board
}

/** What is remembered of these alarms. */
export async function alarmsOf(
  { table }: Pick<Runtime, 'table'>,
  keys: readonly string[],
): Promise<Map<string, Alarm>> {
  return new Map([...(await readAlarms(table, [...new Set(keys)]))].map(([key, { alarm }]) => [key, alarm]))
}

/** An incident that has left the board. */
export async function lookUp({ table }: Pick<Runtime, 'table'>, id: string): Promise<Incident | undefined> {
  const item = await table.get(incidentKey(id))
  return item && (JSON.parse(item.body) as Incident)
}

/** The whole timeline: what was filed away, and what is still on the board. */
export async function timelineOf({ table }: Pick<Runtime, 'table'>, incident: Incident): Promise<Entry[]> {
  const filed = incident.filed > 0 ? await table.list(incidentKey(incident.id).pk, 'TIMELINE#') : []
  return [...filed.flatMap(({ body }) => JSON.parse(body) as Entry[]).slice(0, incident.filed), ...incident.timeline]
}

interface State extends Loaded {
  rev: number
  flight: Flight[]
  /** Alarms asked for whose record has not landed: they are written again. */
  unlanded: Alarm[]
}

function parseBoard(item: Item | undefined): { board: Board; flight: Flight[] } {
  if (!item) return { board: emptyBoard(), flight: [] }
  const { flight = [], ...board } = JSON.parse(item.body) as StoredBoard
  return { board, flight }
}

async function load({ table }: Slice, keys: readonly string[]): Promise<State> {
  const item = await table.get(BOARD)
  const { board, flight } = parseBoard(item)
  const wanted = new Set([...keys, ...flight.flatMap(({ changes }) => changes.map(([key]) => key))])
  const records = await readAlarms(table, [...wanted])

  const flying: Flight[] = []
  const unlanded = new Map<string, Alarm>()
  for (const { rev, at, changes } of flight) {
    const missing = changes.filter(([key]) => (records.get(key)?.rev ?? 0) < rev)
    if (missing.length > 0) flying.push({ rev, at, changes: missing })
    for (const [key, changedAt, state, incident] of missing) {
      const known = unlanded.get(key) ?? records.get(key)?.alarm ?? ghost(key)
      const alarm: Alarm = { ...known, partial: true, changes: withChange(known.changes, changedAt, state) }
      if (incident !== '') alarm.incident = incident
      unlanded.set(key, alarm)
    }
  }
  const alarms = new Map<string, Alarm>()
  for (const key of keys) {
    const alarm = unlanded.get(key) ?? records.get(key)?.alarm
    if (alarm) alarms.set(key, alarm)
  }
  return {
    rev: item?.rev ?? 0,
    board,
    flight: flying,
    alarms,
    unlanded: [...unlanded.values()].filter(({ key }) => keys.includes(key)),
  }
}

/** An alarm whose first record has not landed: its message comes again and tells the rest. */
const ghost = (key: string): Alarm => ({ key, name: '', service: '', signal: 'other', changes: [] })

async function readAlarms(table: Slice['table'], keys: string[]): Promise<Map<string, { alarm: Alarm; rev: number }>> {
  const found = new Map<string, { alarm: Alarm; rev: number }>()
  for (let i = 0; i < keys.length; i += 100)
    for (const { body, rev } of await table.getMany(keys.slice(i, i + 100).map(alarmKey))) {
      const alarm = JSON.parse(body) as Alarm
      found.set(alarm.key, { alarm, rev })
    }
  return found
}

async function commit({ table, clock, rules }: Slice, state: State, decision: Decision | undefined): Promise<boolean> {
  const now = clock.now()
  const rev = state.rev + 1
  const alarms = new Map(state.unlanded.filter(({ name }) => name !== '').map((alarm) => [alarm.key, alarm]))
  for (const alarm of decision?.alarms ?? []) alarms.set(alarm.key, alarm)

  const flight = state.flight.filter(({ at }) => at > now - FLIGHT_FORGOTTEN_MS)
  const changes = [...alarms.values()].flatMap((alarm) => news(alarm, state.alarms.get(alarm.key)))
  if (changes.length > 0) flight.push({ rev, at: now, changes })

  const { board, filed } = fileAway(decision?.board ?? state.board, rules.config, now)
  for (const part of filed) await table.advance(itemOf(part, now))
  const body: StoredBoard = flight.length > 0 ? { ...board, flight } : board
  if (!(await table.replace({ ...BOARD, rev, body: JSON.stringify(body) }, state.rev))) return false
  const expires = Math.floor(now / 1000) + ALARM_KEPT_SECONDS
  await Promise.all(
    [...alarms.values()].map(({ partial: _, ...alarm }) =>
      table.advance({ ...alarmKey(alarm.key), rev, body: JSON.stringify(alarm), expires }),
    ),
  )
  return true
}

/** What a record holds beyond the one it replaces: enough to make it again from that one. */
function news(alarm: Alarm, before: Alarm | undefined): Flight['changes'] {
  const known = new Set(before?.changes.map(([at, state]) => `${at}${state}`))
  return alarm.changes
    .filter(([at, state]) => !known.has(`${at}${state}`))
    .map(([at, state]) => [alarm.key, at, state, alarm.incident ?? ''])
}

function itemOf(part: Filed, now: number): Item {
  const expires = Math.floor(now / 1000) + INCIDENT_KEPT_SECONDS
  if ('incident' in part)
    return { ...incidentKey(part.incident.id), rev: part.incident.change, body: JSON.stringify(part.incident), expires }
  const sk = `TIMELINE#${String(part.from).padStart(6, '0')}`
  return { pk: incidentKey(part.of).pk, sk, rev: 1, body: JSON.stringify(part.entries), expires }
}
