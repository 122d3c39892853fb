// Every key of a world: what there is, how fast it runs, where its limits are, which alarms watch it, and what goes wrong when.
import * as z from 'zod'
import { alarm, curve, healthy, metric } from './schema-watch.ts'
import { event } from './schema-events.ts'
import { amount, id, percent, rate, seconds, size, text } from './units.ts'

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

const policy = z.strictObject({
  name: text,
  pattern: text
    .refine(isPattern, 'is no regular expression')
    .describe('A regular expression; queues whose name it fits have the policy'),
  definition: z.record(z.string(), z.unknown()).describe('Like { "max-length": 50000, "overflow": "reject-publish" }'),
  applyTo: z.enum(['all', 'queues', 'classic_queues', 'quorum_queues', 'exchanges']).default('queues'),
  priority: z.number().int().default(0),
})

const queue = z.strictObject({
  type: z.enum(['classic', 'quorum']).default('classic'),
  publishedPerSecond: rate.default(0).describe('Messages per second that publishers send'),
  messageBytes: amount.positive().default(4096).describe('Bytes of a message, on average'),
  messageSpread: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('0: all messages have the average size; 1: from nearly nothing to twice the average'),
  consumers: z.number().int().min(0).max(10_000).default(1).describe('Consumers that are connected'),
  consumedPerSecond: rate.default(100).describe('Messages per second that all consumers together can work off'),
  prefetch: z.number().int().min(1).max(65_535).default(20).describe('Messages that one consumer holds at most'),
  messagesAtStart: z
    .number()
    .int()
    .min(0)
    .max(2_000_000)
    .default(0)
    .describe('Messages that wait when the drill begins'),
})

const broker = z.strictObject({
  api: z.url().optional().describe('Address of the management API, for a broker of your own'),
  memory: z.strictObject({
    limitMiB: size.describe('The high watermark: publishers block above it'),
    baseMiB: size.default(400).describe('What the broker needs without messages'),
    messageShare: percentShare('Which part of the messages is held in memory; the rest only on disk'),
  }),
  disk: z.strictObject({
    totalMiB: size,
    otherMiB: size.default(1024).describe('What is on the disk and is no message'),
    freeLimitMiB: size.describe('Publishers block below it'),
    messageShare: percentShare('Which part of the messages is written to disk'),
  }),
  takenBytesPerSecond: amount.positive().default(50e6).describe('How fast messages can be copied out and removed, bytes'),
  takenPerSecond: amount.positive().default(5000).describe('The same in messages; the slower of both counts'),
  queues: z.record(id, queue),
  policies: z.array(policy).default([]),
})

function percentShare(what: string) {
  return z.number().min(0).max(1).default(1).describe(`${what} (0 to 1)`)
}

const call = z.strictObject({
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

const service = z.strictObject({
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

const disk = z.strictObject({
  volume: text.optional().describe('Its EBS volume, like vol-0a1b2c3d4e5f60718'),
  device: text.default('/dev/nvme0n1p1').describe('The device as the machine sees it'),
  fileSystem: z.enum(['ext4', 'xfs']).default('xfs'),
  sizeMiB: size.positive(),
  folders: z
    .record(z.string().startsWith('/', 'must be an absolute path'), size)
    .describe('What is on it: MiB by folder, as absolute paths'),
})

const instance = z.strictObject({
  memoryMiB: size.positive().default(8192),
  disks: z.record(z.string().startsWith('/', 'must be an absolute path'), disk).describe('By where they are mounted'),
})

const database = z.strictObject({
  allocatedMiB: size.positive(),
  usedMiB: size,
  maximumMiB: size.optional().describe('Up to where storage may grow'),
})

/** How long a drill may take where the world says nothing. */
export const DRILL_SECONDS = 3600

export const world = z.strictObject({
  $schema: z.string().optional(),
  title: text.describe('One sentence: what goes wrong'),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1).describe('The same seed is the same world'),
  start: z.iso.datetime().default('2026-03-02T09:00:00Z').describe('When the drill begins'),
  seconds: z
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(DRILL_SECONDS)
    .describe('The drill ends after so long, if it is not over before'),
  account: z.string().regex(/^\d{12}$/, 'has 12 digits').default('111122223333'),
  region: text.default('us-east-1'),
  brokers: z.record(id, broker).default({}).describe('RabbitMQ brokers by name'),
  services: z.record(id, service).default({}).describe('What answers requests: services, load balancers, databases'),
  instances: z.record(id, instance).default({}).describe('Machines by instance id'),
  databases: z.record(id, database).default({}).describe('Storage of RDS instances by identifier'),
  parameters: z.record(z.string(), z.string()).default({}).describe('SSM parameters'),
  alarms: z.record(id, alarm).describe('By name'),
  metrics: z.array(metric).default([]).describe('Metrics that no alarm has, and that AWS would not have by itself'),
  events: z.array(event).min(1).describe('What goes wrong, and when'),
  healthy: z
    .array(healthy)
    .min(1)
    .optional()
    .describe('The world is healthy while all of these hold; by default: what the alarms measure is within its threshold'),
  curves: z.array(curve).max(8).optional().describe('What people see as curves; by default what the alarms measure'),
  tocsin: z.record(z.string(), z.unknown()).describe('The Tocsin config to use unless --config names another'),
})

export type WorldInput = z.input<typeof world>
export type Plan = z.output<typeof world>
export type BrokerPlan = z.output<typeof broker>
export type QueuePlan = z.output<typeof queue>
export type ServicePlan = z.output<typeof service>
export type CallPlan = z.output<typeof call>
export type InstancePlan = z.output<typeof instance>
export type DatabasePlan = z.output<typeof database>
