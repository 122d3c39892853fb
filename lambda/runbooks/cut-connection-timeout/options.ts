// How the shorter timeout is found, and how the service gets it.
import * as z from 'zod'
import { metric, type Metric } from '../parts/metric.ts'
import { health, type Health } from '../parts/verdict.ts'
import { restarting, type RestartOptions } from '../rolling-restart/options.ts'

export interface Options extends RestartOptions, Health {
  seconds?: number | undefined
  leastSeconds: number
  calls?: (Metric & { unit: 'seconds' | 'milliseconds' }) | undefined
}

export const options = z.strictObject({
  seconds: z.number().positive().max(3600).optional().describe('The new value; by default it is computed'),
  leastSeconds: z.number().min(0.1).max(600).default(1).describe('Never below'),
  calls: metric
    .extend({
      statistic: z.string().min(1).default('p99'),
      unit: z.enum(['seconds', 'milliseconds']).default('seconds'),
    })
    .optional()
    .describe("How long calls take; by default TargetResponseTime of the target's load balancer"),
  ...restarting,
  ...health,
})
