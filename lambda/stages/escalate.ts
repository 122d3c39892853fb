// Escalate: wakes when something falls due for an incident, looks at it again, and does only what still applies; or when a place is to be told again.
import { throughDoor, type DoorSlice } from '../store/door.ts'

export type Due = { incident: string } | { place: string }

/** Whoever comes through the door does what is due. */
export const escalate = (runtime: DoorSlice, due: Due): Promise<void> =>
  'place' in due
    ? runtime.notices.changed(due.place)
    : throughDoor(runtime, { concerns: due.incident, move: () => undefined })
