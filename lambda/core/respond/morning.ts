// "Until morning": the next 08:00 where the team is.
import { TZDate } from '@date-fns/tz'

const MORNING_HOUR = 8

/** Ms. At least an hour from `now`, so that a click at 07:55 still gives some quiet. */
export function nextMorning(now: number, timeZone: string): number {
  const morning = new TZDate(now, timeZone)
  morning.setHours(MORNING_HOUR, 0, 0, 0)
  while (morning.getTime() < now + 3_600_000) morning.setDate(morning.getDate() + 1)
  return morning.getTime()
}
