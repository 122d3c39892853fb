// Queues in a world with their rates: those of a RabbitMQ broker, with its limits, and those of SQS.
import * as z from 'zod'
import { amount, id, rate, size, text } from '../units.ts'

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
    .refine(isPattern, 'is not a regular expression')
    .describe('A regular expression; queues whose name it fits have the policy'),
  definition: z.record(z.string(), z.unknown()).describe('Like { "max-length": 50000, "overflow": "reject-publish" }'),
  applyTo: z.enum(['all', 'queues', 'classic_queues', 'quorum_queues', 'exchanges']).default('queues'),
  priority: z.number().int().default(0),
})

export const queue = z.strictObject({
  type: z.enum(['classic', 'quorum']).default('classic'),
  deliveryLimit: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Of a quorum queue: what comes back more often is dropped; by default 20 since RabbitMQ 4, never before'),
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

export const sqsQueue = queue.omit({ type: true, deliveryLimit: true, prefetch: true }).extend({
  prefetch: z.number().int().min(1).max(10).default(10).describe('Messages that one consumer receives at once'),
})

export const broker = z.strictObject({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'is not a version like 3.13.7')
    .default('3.13.7')
    .describe('Of RabbitMQ; what 4 does differently is read from its documents, and not tried'),
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
  takenBytesPerSecond: amount
    .positive()
    .default(50e6)
    .describe('How fast messages can be copied out and removed, bytes'),
  takenPerSecond: amount.positive().default(5000).describe('The same in messages; the slower of both counts'),
  queues: z.record(id, queue),
  policies: z.array(policy).default([]),
})

function percentShare(what: string) {
  return z.number().min(0).max(1).default(1).describe(`${what} (0 to 1)`)
}
