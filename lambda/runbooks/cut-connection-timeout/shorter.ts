// The smaller timeout, from what healthy calls took in the last day and from what the callers wait.
import { shorter, median, type Shorter } from './timeout.ts'
import { latencyOf } from '../parts/latency.ts'
import { queryOf, series, type Metric } from '../parts/metric.ts'
import type { Case, Tools } from '../runbook.ts'
import type { Options } from './options.ts'

const DAY_SECONDS = 86_400
const PERIOD_SECONDS = 300
/** Of fewer than these five-minute values no p99 of healthy calls can be told. */
const VALUES_LEAST = 6

/** `now`, in seconds. */
export async function shorterTimeout(tools: Tools, about: Case<Options>, now: number): Promise<Shorter> {
  const { seconds, leastSeconds } = about.options
  if (seconds !== undefined)
    return seconds < now ? { seconds, why: 'as the config says' } : { stop: `it is ${now} s already` }
  const healthy = await healthySeconds(tools, about)
  return shorter({ now, healthy, callers: about.callers ?? {}, least: leastSeconds })
}

/** The median over a day: the incident itself takes less than half of it. */
async function healthySeconds(tools: Tools, { target, options }: Case<Options>): Promise<number | undefined> {
  const wanted: Metric | undefined = options.calls ?? latencyOf(target, {})
  if (!wanted) return undefined
  const [values] = await series(tools, [queryOf(wanted, PERIOD_SECONDS)], PERIOD_SECONDS, DAY_SECONDS)
  const middle = values!.length < VALUES_LEAST ? undefined : median(values!)
  return middle === undefined ? undefined : options.calls?.unit === 'milliseconds' ? middle / 1000 : middle
}
