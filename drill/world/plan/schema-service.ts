// A service in a world: its load, what it calls, and the workers that do it.
import * as z from 'zod'
import { amount, id, percent, rate, seconds, size, text } from '../units.ts'

export const call = z.strictObject({
  to: id.describe('A service or a broker of this world'),
  timeoutSeconds: seconds.positive().describe('How long it waits for an answer'),
  timeoutFrom: z
    .strictObject({
      environment: text.optional().describe('Variable of the ECS task definition that sets it'),
      parameter: text.optional().describe('SSM parameter that sets it'),
      unit: z.enum(['seconds', 'milliseconds']).default('seconds'),
    })
    .refine(({ environment, parameter }) => (environment === undefined) !== (parameter === undefined), {
      error: 'needs one of "environment" and "parameter"',
    })
    .optional()
    .describe('Where the timeout is read from when a worker starts; the value there is timeoutSeconds at first'),
  perRequest: z.number().positive().max(1).default(1).describe('Share of requests that make this call'),
  onFailure: z.enum(['fail', 'ignore']).default('fail').describe('ignore: it answers without what it called'),
  networkSeconds: seconds.default(0.001).describe('Time on the network, there and back'),
})

const workers = z.strictObject({
  count: z.number().int().min(1).max(200).default(1),
  startSeconds: seconds.default(25).describe('From the start until it takes requests'),
  stopSeconds: seconds.default(5).describe('From the signal to stop until it is gone'),
  memoryMiB: size.positive().default(1024).describe('Above it a worker is killed'),
  memoryBaseMiB: size.default(256).describe('Right after the start'),
  memoryMiBPerRequest: amount.default(0).describe('Held while a request is in flight'),
  leakMiBPerSecond: amount.default(0),
  leakMiBPerRequest: amount.default(0),
  slowAbovePercent: percent
    .default(100)
    .describe('Above this share of its memory it collects garbage: up to ten times slower'),
})

export const service = z.strictObject({
  requestsPerSecond: rate.default(0).describe('From outside this world; those of its callers come on top'),
  workSeconds: seconds.default(0.05).describe('Its own time for a request'),
  cpuSecondsPerRequest: seconds.default(0.01).describe('Time on a processor; each worker has one'),
  concurrency: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Requests that one worker has in flight at most (its threads or connections); by default no limit'),
  refusedAfterSeconds: seconds.default(1).describe('How long a request waits for a free place before it fails'),
  calls: z.array(call).default([]),
  workers: workers.prefault({}),
  ecs: z
    .strictObject({
      cluster: text,
      service: text,
      environment: z.record(z.string(), z.string()).default({}),
      minimumHealthyPercent: percent.default(100),
      maximumPercent: z.number().min(100).max(400).default(200),
      controller: z.enum(['ECS', 'CODE_DEPLOY', 'EXTERNAL']).default('ECS').describe('Who deploys it'),
    })
    .optional()
    .describe('Its workers are tasks of this ECS service'),
  autoScaling: z
    .strictObject({ group: text, maximum: z.number().int().min(1).max(200).optional() })
    .optional()
    .describe('Its workers are instances of this Auto Scaling group'),
  systemd: z
    .strictObject({ unit: text, instances: z.array(id).min(1) })
    .optional()
    .describe('Its workers are this unit on these instances of the world, one on each'),
  loadBalancer: z
    .strictObject({ loadBalancer: text, targetGroup: text.optional() })
    .optional()
    .describe('It is this load balancer, or stands behind it: publishes the metrics of AWS/ApplicationELB'),
})
