// What the parts of correlate hand to each other.
import type { Alarm, Change, Firing } from '../incident/alarm.ts'

/** A change, and what it makes of its alarm. */
export interface Sighting {
  change: Change
  before: Alarm | undefined
  after: Alarm
  fired: readonly Firing[]
  wasFiring: boolean
  isFiring: boolean
}
