// Every key of a world: what there is, how fast it runs, where its limits are, which alarms watch it, and what goes wrong when.
import * as z from 'zod'
import { broker, queue, sqsQueue } from './schema-broker.ts'
import { event } from './schema-events.ts'
import { database, instance } from './schema-machine.ts'
import { call, service } from './schema-service.ts'
import { alarm, curve, healthy, metric } from './schema-watch.ts'
import { id, text } from '../units.ts'

/** How long a drill may take if the world does not say. */
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
  account: z
    .string()
    .regex(/^\d{12}$/, 'has 12 digits')
    .default('111122223333'),
  region: text.default('us-east-1'),
  brokers: z.record(id, broker).default({}).describe('RabbitMQ brokers by name'),
  sqs: z.record(id, sqsQueue).default({}).describe('SQS queues by name'),
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
    .describe(
      'The world is healthy while all of these hold; by default: what the alarms measure is within its threshold',
    ),
  curves: z.array(curve).max(8).optional().describe('What people see as curves; by default what the alarms measure'),
  tocsin: z.record(z.string(), z.unknown()).describe('The Tocsin config to use unless --config names another'),
})

export type WorldInput = z.input<typeof world>
export type Plan = z.output<typeof world>
export type BrokerPlan = z.output<typeof broker>
export type QueuePlan = z.output<typeof queue>
export type SqsPlan = z.output<typeof sqsQueue>
export type ServicePlan = z.output<typeof service>
export type CallPlan = z.output<typeof call>
export type InstancePlan = z.output<typeof instance>
export type DatabasePlan = z.output<typeof database>
