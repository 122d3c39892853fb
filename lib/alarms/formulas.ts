// The metric math that several kinds of resources share.
import { GIB, type Formula, type Series } from './row.ts'

/** A disk that fills more slowly than this counts as filling this slowly: the answer is then years, and nothing is divided by zero. */
const SLOWEST = { bytes: '1', percent: '0.0000001' }

/**
 * Hours until nothing is left. `RATE` is the change per second from one datapoint to the next: negative while a disk fills. If free space grows
 * or stays the same, the slowest pace counts, which means years.
 */
export const hoursLeft = (free: Series, reserve?: Series): Formula => ({
  expression: `${reserve ? '(free - reserve)' : 'free'} / (3600 * IF(0 - RATE(free) > ${SLOWEST.bytes}, 0 - RATE(free), ${SLOWEST.bytes}))`,
  of: { free, ...(reserve && { reserve }) },
})

/** The same for what is reported as percent used, which rises while a disk fills. */
export const hoursUntilFull = (usedPercent: Series): Formula => ({
  expression: `(100 - used) / (3600 * IF(RATE(used) > ${SLOWEST.percent}, RATE(used), ${SLOWEST.percent}))`,
  of: { used: usedPercent },
})

export const percentOf = (part: Series, whole: Series): Formula => ({
  expression: '100 * part / whole',
  of: { part, whole },
})

/** Messages per second by which a queue grows; negative while it drains. */
export const growth = (depth: Series): Formula => ({ expression: 'RATE(depth)', of: { depth } })

interface Calls {
  calls: Series
  failed: Series[]
  /** Failures that `calls` does not include. */
  uncounted?: Series[]
}

/**
 * Percent of calls that failed. With fewer than `FEWEST` calls in a period a single failure could exceed any threshold, so it counts as zero.
 * Error metrics are only reported when there are errors, which is why they are filled.
 */
export function errorsPercent({ calls, failed, uncounted = [] }: Calls): Formula {
  const series = Object.fromEntries([...failed, ...uncounted].map((one, place) => [`failed${place + 1}`, one]))
  const ids = Object.keys(series)
  const all = uncounted.length === 0 ? 'calls' : sumOf(['calls', ...ids.slice(failed.length)])
  return {
    expression: `IF(${all} >= ${FEWEST}, 100 * ${sumOf(ids)} / ${all}, 0)`,
    of: { ...series, calls },
  }
}

const sumOf = (ids: string[]): string => `(${ids.map((id) => `FILL(${id}, 0)`).join(' + ')})`

/** One in 20 is 5 percent, the default threshold. */
const FEWEST = 20

export const inGiB = (gib: number): number => gib * GIB
