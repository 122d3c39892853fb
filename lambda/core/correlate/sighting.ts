// What the parts of correlate pass to each other.
import type { Alarm, Change, Firing } from '../incident/alarm.ts'

/** A change, and its alarm before and after. */
export interface Sighting {
  change: Change
  before: Alarm | undefined
  after: Alarm
  fired: readonly Firing[]
  wasFiring: boolean
  isFiring: boolean
}
