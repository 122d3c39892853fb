// A change in progress: a board that copies each incident once, when it is first touched, so that the original board stays as it was.
import type { Rules } from '../services/rules.ts'
import type { Alarm } from './alarm.ts'
import { idOf, incidentOf, type Board } from './board.ts'
import type { Incident, Member } from './incident.ts'
import { after, type Event } from './status.ts'
import { ENTRY_KINDS, type Entry } from './timeline.ts'

export interface Heard {
  service: string
  at: number
}

export interface Draft {
  readonly board: Board
  readonly rules: Rules
  /** When the change is made, in ms. */
  readonly now: number
  /** Ids of incidents with a visible change. */
  readonly touched: ReadonlySet<string>
  /** Ids of incidents in which a service or signal is new, or began earlier than known: their severity and cause are reassessed. */
  readonly grown: Set<string>
  /** What was heard about the incident's alarms: the service, and when it happened. */
  heard(id: string): readonly Heard[]
  hear(id: string, service: string, ...times: number[]): void
  /** Alarm records to write, by key. */
  readonly alarms: Map<string, Alarm>
  /** Incidents that have left the board. */
  readonly left: readonly Incident[]
  /** Whether any incident was merged into another. */
  merged: boolean
  /** Throws `NotAtHand` if it has to be fetched first. */
  get(id: string): Incident
  /** A copy of the incident that may be changed; counts as a visible change. */
  edit(id: string): Incident
  /** A copy of a service's tallies, each of which may be replaced. */
  member(id: string, service: string): Member
  open(at: number): Incident
  note(id: string, entry: Entry): void
  /** Moves the state machine at `at` (ms); false if that move is not allowed. A move to open restarts the wait for somebody to acknowledge. */
  move(id: string, event: Event, at: number): boolean
  leave(id: string): void
  /** Puts an incident that had left back onto the board; `leave` takes it off again. */
  bringBack(incident: Incident): void
  /** Whether there is anything to write. */
  isChanged(): boolean
}

export function draftOf(from: Board, rules: Rules, now: number): Draft {
  const board: Board = { ...from, incidents: { ...from.incidents } }
  const touched = new Set<string>()
  const copiedMembers = new Set<Member>()
  const heard = new Map<string, Heard[]>()
  const alarms = new Map<string, Alarm>()
  const left: Incident[] = []

  const get = (id: string): Incident => {
    const incident = incidentOf(board, id)
    if (!incident) throw new Error(`no incident ${id} on the board`)
    return incident
  }

  const edit = (id: string): Incident => {
    const incident = get(id)
    if (touched.has(id)) return incident
    touched.add(id)
    // Everything else in it is replaced, never mutated: see `note` and `member`.
    const copy: Incident = { ...incident, services: { ...incident.services }, change: incident.change + 1 }
    board.incidents[id] = copy
    return copy
  }

  return {
    board,
    rules,
    now,
    touched,
    grown: new Set(),
    heard: (id) => heard.get(id) ?? [],
    hear(id, service, ...times) {
      const known = heard.get(id) ?? []
      heard.set(id, known)
      for (const at of times) known.push({ service, at })
    },
    alarms,
    left,
    merged: false,
    get,
    edit,
    member(id, service) {
      const incident = edit(id)
      const known = incident.services[service]
      if (known && copiedMembers.has(known)) return known
      const copy: Member = { ...known }
      copiedMembers.add(copy)
      incident.services[service] = copy
      return copy
    },
    open(at) {
      const incident = newIncident(idOf(board.nextId++), at)
      board.incidents[incident.id] = incident
      touched.add(incident.id)
      return incident
    },
    note(id, entry) {
      const incident = edit(id)
      incident.timeline = [...incident.timeline, entry]
      const number = incident.filed + incident.timeline.length
      const { toldAtOnce, callsSomebody } = ENTRY_KINDS[entry.kind]
      if (toldAtOnce) incident.news = number
      if (callsSomebody || (entry.place !== undefined && entry.place === incident.places?.[0])) incident.called = number
      const { team, place } = entry
      if (team !== undefined && place !== undefined)
        incident.calls = [...(incident.calls ?? []), { team, place, entry: number }]
    },
    move(id, event, at) {
      const next = after(get(id).status, event)
      if (next === undefined) return false
      const incident = edit(id)
      incident.status = next
      if (next === 'open') {
        incident.waitingSince = at
        incident.escalated = 0
      }
      return true
    },
    leave(id) {
      if (from.incidents[id] || touched.has(id)) left.push(get(id))
      delete board.incidents[id]
      board.index = board.index.with([], [id])
    },
    bringBack(incident) {
      board.incidents[incident.id] = incident
    },
    isChanged: () => alarms.size > 0 || left.length > 0 || differs(board, from),
  }
}

const newIncident = (id: string, at: number): Incident => ({
  id,
  status: 'held',
  severity: 'minor',
  openedAt: at,
  firstAt: at,
  lastAt: at,
  services: {},
  firing: 0,
  waitingSince: at,
  escalated: 0,
  timeline: [],
  filed: 0,
  change: 1,
  places: [],
})

/** Whatever is touched is replaced, so the same object means no change. What leaves the index is in `left`. */
function differs(
  { incidents, index: _, ...rest }: Board,
  { incidents: before, index: __, ...restBefore }: Board,
): boolean {
  return differ(rest, restBefore) || differ(incidents, before)
}

function differ(one: object, other: object): boolean {
  const [values, others] = [one as Record<string, unknown>, other as Record<string, unknown>]
  const keys = Object.keys(values)
  return keys.length !== Object.keys(others).length || keys.some((key) => values[key] !== others[key])
}
