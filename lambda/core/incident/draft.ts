// A board that is being changed: copies what is touched, once, so that the board it came from stays as it was.
import { after, type Event } from './status.ts'
import { idOf, type Board } from './board.ts'
import type { Entry, EntryKind } from './timeline.ts'
import type { Incident, Member } from './incident.ts'

export interface Draft {
  readonly board: Board
  /** Ids of incidents that changed in a way that can be seen. */
  readonly touched: ReadonlySet<string>
  /** Ids of incidents in which a service or a signal is new: their severity and cause are to be judged anew. */
  readonly grown: Set<string>
  /** Whether one incident went into another. */
  merged: boolean
  get(id: string): Incident
  /** The incident, free to be changed; counts as seen. */
  edit(id: string): Incident
  /** A service's tallies, free to be replaced one by one. */
  member(id: string, service: string): Member
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
    // What else it holds is replaced, never changed: see `note` and `member`.
    const copy: Incident = { ...incident, services: { ...incident.services }, change: incident.change + 1 }
    board.incidents[id] = copy
    return copy
  }

  const member = (id: string, service: string): Member => {
    const incident = edit(id)
    const known = incident.services[service]
    if (known && copiedMembers.has(known)) return known
    const copy: Member = { ...known }
    copiedMembers.add(copy)
    incident.services[service] = copy
    return copy
  }

  return {
    board,
    touched,
    grown: new Set(),
    merged: false,
    get: (id) => board.incidents[id]!,
    edit,
    member,
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
      const incident = edit(id)
      incident.timeline = [...incident.timeline, entry]
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
