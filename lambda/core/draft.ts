// A board that is being changed: copies what is touched, once, so that the board it came from stays as it was.
import {
  after,
  idOf,
  type Board,
  type Entry,
  type EntryKind,
  type Event,
  type Incident,
  type Member,
} from './incident.ts'
import type { Signal } from './catalogue.ts'
import type { Tally } from './incident.ts'

export interface Draft {
  readonly board: Board
  /** Ids of incidents that changed in a way that can be seen. */
  readonly touched: ReadonlySet<string>
  /** Ids of incidents in which a service or a signal is new: their severity and cause are to be judged anew. */
  readonly grown: Set<string>
  get(id: string): Incident
  /** The incident, free to be changed; counts as seen. */
  edit(id: string): Incident
  member(id: string, service: string): Member
  tally(id: string, service: string, signal: Signal): Tally | undefined
  open(at: number): Incident
  note(id: string, at: number, kind: EntryKind, text: string): void
  /** Moves the state machine at `at` (ms); false where that cannot happen. Whatever leaves it open starts the wait for somebody anew. */
  move(id: string, event: Event, at: number): boolean
}

export function draftOf(from: Board): Draft {
  const board: Board = { ...from, incidents: { ...from.incidents } }
  const touched = new Set<string>()
  const copiedMembers = new Set<Member>()

  const edit = (id: string): Incident => {
    const incident = board.incidents[id]
    if (!incident) throw new Error(`no incident ${id} on the board`)
    if (touched.has(id)) return incident
    touched.add(id)
    const copy: Incident = {
      ...incident,
      services: { ...incident.services },
      timeline: [...incident.timeline],
      slack: { ...incident.slack },
      change: incident.change + 1,
    }
    if (incident.flapping) copy.flapping = { ...incident.flapping }
    if (incident.unrelated) copy.unrelated = { ...incident.unrelated }
    board.incidents[id] = copy
    return copy
  }

  const member = (id: string, service: string): Member => {
    const incident = edit(id)
    const known = incident.services[service]
    if (known && copiedMembers.has(known)) return known
    const copy: Member = { ...known }
    for (const signal in copy) copy[signal as Signal] = { ...copy[signal as Signal]! }
    copiedMembers.add(copy)
    incident.services[service] = copy
    return copy
  }

  return {
    board,
    touched,
    grown: new Set(),
    get: (id) => board.incidents[id]!,
    edit,
    member,
    tally: (id, service, signal) => board.incidents[id]?.services[service]?.[signal],
    open(at) {
      const id = idOf(board.nextId++)
      const incident: Incident = {
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
        slack: { shown: 0, threaded: 0 },
      }
      board.incidents[id] = incident
      touched.add(id)
      return incident
    },
    note(id, at, kind, text) {
      const entry: Entry = { at, kind, text }
      edit(id).timeline.push(entry)
    },
    move(id, event, at) {
      const next = after(board.incidents[id]!.status, event)
      if (next === undefined) return false
      const incident = edit(id)
      incident.status = next
      if (next === 'open') {
        incident.waitingSince = at
        incident.escalated = 0
      }
      return true
    },
  }
}
