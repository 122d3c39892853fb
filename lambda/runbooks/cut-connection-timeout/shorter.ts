// Computes the shorter timeout from how long healthy calls took in the last day and how long callers wait.
import { shorter, median, type Shorter } from './timeout.ts'
import { latencyOf } from '../parts/latency.ts'
import { queryOf, series, type Metric } from '../parts/metric.ts'
import type { Case, Tools } from '../runbook.ts'
import type { Options } from './options.ts'

const DAY_SECONDS = 86_400
const PERIOD_SECONDS = 300
/** With fewer five-minute values than this, the p99 of healthy calls is unknown. */
const VALUES_LEAST = 6

/** For the docs; `Shorter` says which. */
export const SHORTER = {
  field: 'the metric `calls`, and `timeoutSeconds` of the services that call it',
  must: 'leave room for a timeout that is shorter than now (or the option `seconds` is)',
}

/** `now`: the timeout now, in seconds. */
export async function shorterTimeout(tools: Tools, about: Case<Options>, now: number): Promise<Shorter> {
  const { seconds, leastSeconds } = about.options
  if (seconds !== undefined)
    return seconds < now ? { seconds, why: 'as the config says' } : { stop: `it is ${now} s already` }
  const healthy = await healthySeconds(tools, about)
  return shorter({ now, healthy, callers: about.callers ?? {}, least: leastSeconds })
}

/** The median over a day, because the incident itself takes up less than half of it. */
async function healthySeconds(tools: Tools, { target, options }: Case<Options>): Promise<number | undefined> {
  const wanted: Metric | undefined = options.calls ?? latencyOf(target, {})
  if (!wanted) return undefined
  const [values] = await series(tools, [queryOf(wanted, PERIOD_SECONDS)], PERIOD_SECONDS, DAY_SECONDS)
  const middle = values!.length < VALUES_LEAST ? undefined : median(values!)
  return middle === undefined ? undefined : options.calls?.unit === 'milliseconds' ? middle / 1000 : middle
}
