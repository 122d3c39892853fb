// What is measured in a world, and the alarms on it.
import * as z from 'zod'
import { id, seconds, text } from '../units.ts'

export const BROKER_VALUES = ['memoryUsedBytes', 'diskFreeBytes', 'messages', 'blocked'] as const
export const QUEUE_VALUES = [
  'messages',
  'ready',
  'bytes',
  'oldestSeconds',
  'consumers',
  'publishedPerSecond',
  'acknowledgedPerSecond',
  'rejectedPerSecond',
] as const
export const SQS_VALUES = [
  'messages',
  'ready',
  'oldestSeconds',
  'consumers',
  'publishedPerSecond',
  'acknowledgedPerSecond',
] as const
export const SERVICE_VALUES = [
  'latencySeconds',
  'requests',
  'errors',
  'inFlight',
  'memoryPercent',
  'largestMemoryPercent',
  'cpuPercent',
  'workers',
] as const
export const CALL_VALUES = ['latencySeconds', 'failures'] as const
export const DISK_VALUES = ['usedPercent', 'freeBytes'] as const
export const DATABASE_VALUES = ['freeBytes'] as const

export const measure = z
  .union([
    z.strictObject({ broker: id, queue: id, value: z.enum(QUEUE_VALUES) }),
    z.strictObject({ broker: id, value: z.enum(BROKER_VALUES) }),
    z.strictObject({ sqs: id, value: z.enum(SQS_VALUES) }),
    z.strictObject({ service: id, to: id, value: z.enum(CALL_VALUES) }),
    z.strictObject({ service: id, value: z.enum(SERVICE_VALUES) }),
    z.strictObject({ instance: id, path: text, value: z.enum(DISK_VALUES) }),
    z.strictObject({ database: id, value: z.enum(DATABASE_VALUES) }),
  ])
  .describe('A value of this world; the keys before `value` say of what')

const named = {
  namespace: text,
  metric: text,
  dimensions: z.record(z.string(), z.string()).default({}),
}

export const metric = z.strictObject({ ...named, measures: measure })

export const COMPARISONS = [
  'GreaterThanThreshold',
  'GreaterThanOrEqualToThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const

export const alarm = z.strictObject({
  ...named,
  measures: measure
    .optional()
    .describe('What the metric measures; needed unless the metric is one that AWS publishes for a part of this world'),
  stat: z
    .string()
    .regex(
      /^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?)$/,
      'must be Average, Sum, Minimum, Maximum, SampleCount or like p99',
    )
    .default('Average'),
  period: z.number().int().min(10).max(3600).default(60).describe('Seconds'),
  threshold: z.number(),
  comparison: z.enum(COMPARISONS).default('GreaterThanThreshold'),
  evaluationPeriods: z.number().int().min(1).max(60).default(1),
  datapointsToAlarm: z.number().int().min(1).max(60).optional().describe('By default evaluationPeriods'),
  missing: z
    .enum(['missing', 'ignore', 'breaching', 'notBreaching'])
    .default('missing')
    .describe('What periods without data count as'),
  delaySeconds: seconds
    .max(300)
    .optional()
    .describe("How long after a period's end it is evaluated; by default 2 to 21 seconds, by the seed"),
  description: text.optional(),
})

export const healthy = z.strictObject({
  measures: measure,
  above: z.number().optional().describe('It must be above this'),
  below: z.number().optional().describe('It must be below this'),
})

export const curve = z.strictObject({ title: text.max(24), measures: measure })

export type Measure = z.output<typeof measure>
export type AlarmPlan = z.output<typeof alarm>
export type HealthyPlan = z.output<typeof healthy>
export type CurvePlan = z.output<typeof curve>
