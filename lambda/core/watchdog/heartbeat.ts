// The alarm that proves that Tocsin itself works: rung every few minutes, it passes intake and notify, is marked by each, and opens no incident.
import { VISIBILITY_SECONDS } from '../facts/queues.ts'
import type { Change } from '../incident/alarm.ts'
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import { ignored, type Reading } from '../intake/reading.ts'
import { ownAlarm } from '../facts/own-alarms.ts'
import type { Rules } from '../services/rules.ts'

export const heartbeatAlarm = (stack: string): string => ownAlarm('heartbeat', stack)

/** One passage; times in ms. */
export interface Heartbeat {
  /** When CloudWatch changed the alarm's state; identifies the passage. */
  at: number
  takenInAt: number
  /** When notify had asked Slack whether it would take a message. */
  askedAt?: number
  /** Why Slack would not, and what to do. */
  refused?: string
}

/** What is about Tocsin itself never passes through it. */
export const withoutOwn = (reading: Reading, rules: Pick<Rules, 'isOwn'>): Reading =>
  reading.is === 'alarm' && rules.isOwn(reading.change)
    ? ignored('an alarm about Tocsin itself: it goes by e-mail, never through Tocsin')
    : reading

/** When the newest heartbeat in these messages rang. `key`: that of our own alarm, so that another Tocsin's heartbeat is not mistaken for it. */
export function rung(readings: readonly Reading[], key: string | undefined): number | undefined {
  const times = readings.flatMap((reading) =>
    reading.is === 'alarm' && rings(reading.change, key) ? [reading.change.at] : [],
  )
  return times.length > 0 ? Math.max(...times) : undefined
}

const rings = (change: Change, key: string | undefined): boolean => change.key === key && change.state === 'ALARM'

/** Intake's mark. One that is known already, or older, changes nothing. */
export function markHeartbeat({ board, now }: Draft, at: number | undefined): void {
  if (at !== undefined && (board.heartbeat?.at ?? 0) < at) board.heartbeat = { at, takenInAt: now }
}

/** The heartbeat that notify has not answered yet. */
export const unanswered = ({ heartbeat }: Pick<Board, 'heartbeat'>): Heartbeat | undefined =>
  heartbeat && heartbeat.askedAt === undefined ? heartbeat : undefined

/** Notify's mark. A heartbeat that has since taken its place gets an answer of its own. */
export function markAnswer({ board, now }: Draft, at: number, refused: string | undefined): void {
  if (board.heartbeat?.at === at)
    board.heartbeat = { ...board.heartbeat, askedAt: now, ...(refused !== undefined && { refused }) }
}

/** CloudWatch's clock and Lambda's may differ by this much. */
const CLOCKS_DIFFER_MS = 5_000
/**
 * A passage takes about a second, or a few if every function starts cold; in a storm, notify gets to it within the pace of one post. If a function
 * dies on the way, its message is delivered once more.
 */
export const HEARTBEAT_MOST_MS = (VISIBILITY_SECONDS + 15) * 1000

/** Seconds from each stage to the next. */
export interface Hops {
  eventSeconds: number
  intakeSeconds: number
  notifySeconds: number
}

export type Passage = { is: 'passed'; hops: Hops } | { is: 'under way' } | { is: 'lost'; why: string }

/** How far the heartbeat that was rung at `rungAt` has come. */
export function passage(heartbeat: Heartbeat | undefined, rungAt: number, now: number): Passage {
  const mine = heartbeat && heartbeat.at >= rungAt - CLOCKS_DIFFER_MS ? heartbeat : undefined
  if (mine?.refused !== undefined) return { is: 'lost', why: mine.refused }
  if (mine?.askedAt !== undefined) return { is: 'passed', hops: hopsOf(mine, mine.askedAt, rungAt) }
  if (now - rungAt < HEARTBEAT_MOST_MS) return { is: 'under way' }
  const waited = `within ${HEARTBEAT_MOST_MS / 1000} seconds`
  return {
    is: 'lost',
    why: mine
      ? `intake had the heartbeat, but notify did not answer it ${waited}: look at the notices queue and at notify's log`
      : `the heartbeat did not come to intake ${waited}: look at the EventBridge rule, the intake queue and intake's log`,
  }
}

const hopsOf = ({ at, takenInAt }: Heartbeat, askedAt: number, rungAt: number): Hops => ({
  eventSeconds: (at - rungAt) / 1000,
  intakeSeconds: (takenInAt - at) / 1000,
  notifySeconds: (askedAt - takenInAt) / 1000,
})
