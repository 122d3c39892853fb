// What the parts of correlate pass to each other.
import type { Alarm, Change, Firing } from '../incident/alarm.ts'

/** A change, and its alarm before and after. */
export interface Sighting {
  change: Change
  before: Alarm | undefined
  after: Alarm
  fired: readonly Firing[]
  /** The firing that is news: none that was known began within it. */
  fresh: Firing | undefined
  wasFiring: boolean
  isFiring: boolean
}
