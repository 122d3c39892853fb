// Escalate: wakes when something of an incident falls due, looks at it again, and does only what is still true.
import { throughDoor, type DoorSlice } from '../store/door.ts'

/** What is due is done whoever comes through the door. */
export const escalate = (runtime: DoorSlice, incident: string): Promise<void> =>
  throughDoor(runtime, { move: () => undefined, about: () => [incident] })
