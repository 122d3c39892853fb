// Escalate: wakes when something falls due for an incident, looks at it again, and does only what still applies.
import { throughDoor, type DoorSlice } from '../store/door.ts'

/** Whoever comes through the door does what is due. */
export const escalate = (runtime: DoorSlice, incident: string): Promise<void> =>
  throughDoor(runtime, { move: () => undefined, about: () => [incident] })
