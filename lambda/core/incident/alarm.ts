// An alarm: one state change as CloudWatch reports it, and what Tocsin remembers of the alarm between changes.
import type { Signal } from '../facts/signals.ts'

/** `DELETED`: there is no such alarm any more. It does not fire, and nothing has recovered. */
export type AlarmState = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA' | 'DELETED'

/** Which side of the threshold is bad; `outside` a band for anomaly detection. */
export type Side = 'above' | 'below' | 'outside'

export interface Measure {
  value?: number | undefined
  threshold?: number | undefined
  side?: Side | undefined
}

/** One state change. `key` is the same whichever way the change came in; `at` in ms since 1970. */
export interface Change extends Measure {
  key: string
  name: string
  state: AlarmState
  at: number
  /** What the message itself says of the time, where `at` is another: its clock was ahead. */
  stamp?: number | undefined
  /** Of its metric. */
  account?: string | undefined
  /** Where the alarm itself is, if that is another account: one that monitors several. */
  alarmAccount?: string | undefined
  region?: string | undefined
  namespace?: string | undefined
  metric?: string | undefined
  dimensions?: Record<string, string> | undefined
  stat?: string | undefined
  /** The value is that of an expression: the side of its threshold says nothing about the metric. */
  computed?: true | undefined
  /** Which time series of a Metrics Insights alarm. */
  contributor?: string | undefined
  /** Alarms that belong to the same incident: of a composite the children that made it fire, of one series of an alarm the alarm itself. */
  related?: readonly { key: string; name: string }[] | undefined
  /** It says no more than the alarms that it sums up: a composite, or an alarm over several series. */
  sumsUp?: true | undefined
  /** All that it does when it fires is to scale, as far as the message shows. */
  scales?: true | undefined
  /** What its team wrote for whoever is woken; the beginning of it. */
  description?: string | undefined
  /** CloudWatch holds back the alarm's actions until then (mute rule, suppressor). */
  quietUntil?: number | undefined
}

/** What Tocsin remembers of an alarm: one record, written on every change. */
export interface Alarm extends Measure {
  key: string
  name: string
  account?: string | undefined
  region?: string | undefined
  namespace?: string | undefined
  metric?: string | undefined
  stat?: string | undefined
  dimensions?: Record<string, string> | undefined
  alarmAccount?: string | undefined
  description?: string | undefined
  service: string
  signal: Signal
  /** The most recent changes, oldest first: enough to see flapping and to place a change that comes in late. */
  changes: [at: number, state: AlarmState, stamp?: number][]
  incident?: string | undefined
  /** The incident of an alarm that it belongs together with, and when that one fired, in ms. */
  kin?: { incident: string; at: number }
  /** Put together from the board because its record has not landed yet: the next message about it completes it. */
  partial?: true
}

/** How many changes a record keeps: more than a flap rule may ask for (`correlation.flap.changes` is at most 20). */
export const CHANGES_KEPT = 24

const RANK: Record<AlarmState, number> = { OK: 0, INSUFFICIENT_DATA: 1, ALARM: 2, DELETED: 3 }

/**
 * Inserts a change by its time; a known change returns the same list, whenever it is placed this time: it is known by its state and its own stamp. Nothing
 * is folded together: whether two ALARMs were one firing is only known once all changes between them have come in.
 */
export function withChange(
  changes: Alarm['changes'],
  { at, state, stamp = at }: Pick<Change, 'at' | 'state' | 'stamp'>,
): Alarm['changes'] {
  if (changes.some(([then, was, stamped = then]) => was === state && stamped === stamp)) return changes
  let place = changes.length
  while (place > 0) {
    const [before, beforeState] = changes[place - 1]!
    if (before < at || (before === at && RANK[beforeState] < RANK[state])) break
    place--
  }
  const entry: Alarm['changes'][number] = stamp === at ? [at, state] : [at, state, stamp]
  if (place === changes.length && place < CHANGES_KEPT) return [...changes, entry]
  if (place === 0 && changes.length >= CHANGES_KEPT) return changes
  return [...changes.slice(0, place), entry, ...changes.slice(place)].slice(-CHANGES_KEPT)
}

/** Missing data is not a recovery: a dead host reports nothing. */
export function isFiring(changes: Alarm['changes']): boolean {
  for (let i = changes.length - 1; i >= 0; i--) {
    const state = changes[i]![1]
    if (state !== 'INSUFFICIENT_DATA') return state === 'ALARM'
  }
  return false
}

/** The last that was heard of it. */
export const isDeleted = (changes: Alarm['changes']): boolean => changes.at(-1)?.[1] === 'DELETED'

export interface Firing {
  from: number
  /** Unset while it still fires. */
  until?: number
}

/** The firings within these changes, oldest first. */
export function firings(changes: Alarm['changes']): Firing[] {
  const found: Firing[] = []
  for (const [at, state] of changes) {
    const last = found.at(-1)
    const open = last !== undefined && last.until === undefined
    if (state === 'ALARM' && !open) found.push({ from: at })
    else if ((state === 'OK' || state === 'DELETED') && open) last.until = at
  }
  return found
}

/** When the current firing began, or the last one ended. */
export function since(changes: Alarm['changes']): number {
  const last = firings(changes).at(-1)
  return last?.until ?? last?.from ?? changes[0]?.[0] ?? 0
}

export const stateOfAlarm = (alarm: Alarm): AlarmState => alarm.changes.at(-1)?.[1] ?? 'OK'
