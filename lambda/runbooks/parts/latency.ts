// Latency while a runbook acts: it stops as soon as it has made things worse.
import * as z from 'zod'
import { figure, isWorse } from './breach.ts'
import type { Target } from '../../core/services/config.ts'
import { type Tools, Refused } from '../../ports/tools.ts'
import { metric, newest, type Metric } from './metric.ts'

export const watching = {
  latency: metric.optional().describe("By default the p99 of the target's load balancer, if it has one"),
  worsePercent: z.number().int().min(5).max(1000).default(50).describe('Stops when latency grew by so much'),
}
export interface Watching {
  latency?: Metric | undefined
  worsePercent: number
}

/** The latency metric that the options name, else the load balancer's p99. */
export const latencyOf = (target: Target, options: Pick<Watching, 'latency'>): Metric | undefined =>
  options.latency ??
  (target.alb && {
    namespace: 'AWS/ApplicationELB',
    name: 'TargetResponseTime',
    dimensions: {
      LoadBalancer: target.alb.loadBalancer,
      ...(target.alb.targetGroup !== undefined && { TargetGroup: target.alb.targetGroup }),
    },
    statistic: 'p99',
  })

/** Undefined if nothing is watched, or there is no data yet. */
export async function latencyNow(tools: Tools, target: Target, options: Watching): Promise<number | undefined> {
  const wanted = latencyOf(target, options)
  return wanted && (await newest(tools, wanted))
}

/** Throws `Refused` if latency has risen by more than `worsePercent`. */
export async function stopIfWorse(
  tools: Tools,
  target: Target,
  options: Watching,
  before: number | null,
): Promise<void> {
  const now = await latencyNow(tools, target, options)
  if (isWorse(before ?? undefined, now, options.worsePercent))
    throw new Refused(
      `latency rose from ${figure(before!)} to ${figure(now!)}, more than ${options.worsePercent} %: nothing more is touched`,
    )
}
