// How long a service may wait for what it calls: longer than healthy calls take, shorter than its own callers wait for it.
import { figure } from '../parts/breach.ts'

/** What is known, in seconds. */
export interface Wait {
  now: number
  /** p99 of healthy calls. */
  healthy?: number | undefined
  /** How long each caller waits for it. */
  callers: Readonly<Record<string, number>>
  /** Never below. */
  least: number
}

export type Shorter = { seconds: number; why: string } | { stop: string }

/** A timeout must be at least this many times the p99 of healthy calls. */
export const HEALTHY_TIMES = 3
/** The time that callers wait must cover the call and their own work. */
export const CALLER_SHARE = 0.8
/** Linux resends a lost SYN after 1 s and 3 s: 5 s survive two lost packets. Shorter only if callers do not wait that long. */
export const COMFORT_SECONDS = 5

export function shorter({ now, healthy, callers, least }: Wait): Shorter {
  const [caller, budget] = Object.entries(callers).sort(([, a], [, b]) => a - b)[0] ?? []
  const ceiling = budget === undefined ? Infinity : budget * CALLER_SHARE
  const need = Math.max(least, (healthy ?? 0) * HEALTHY_TIMES)
  if (healthy === undefined && budget === undefined)
    return { stop: 'nothing says how short it may be: set "seconds", "calls", or timeoutSeconds of its callers' }
  if (need > ceiling)
    return {
      stop: `${caller} waits ${figure(budget!)} s, healthy calls need ${figure(need)} s: no timeout fits in between`,
    }
  const wanted = neat(Math.min(Math.max(COMFORT_SECONDS, need), ceiling))
  const seconds = wanted >= need ? wanted : Math.min(ceiling, Math.ceil(need * 10) / 10)
  if (seconds >= now) return { stop: `${figure(now)} s is short enough already` }
  const reasons = [
    ...(healthy === undefined ? [] : [`the p99 of healthy calls is ${figure(healthy)} s`]),
    ...(budget === undefined ? [] : [`${caller} waits ${figure(budget)} s`]),
  ]
  return { seconds, why: reasons.join('; ') }
}

/** Rounds down to whole seconds, or to tenths below one second. */
const neat = (seconds: number): number =>
  seconds >= 1 ? Math.floor(seconds) : Math.max(0.1, Math.floor(seconds * 10) / 10)

export const median = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
