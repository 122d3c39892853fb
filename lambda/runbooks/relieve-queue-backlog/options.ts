// How a backlog is relieved: the options of the recipe.
import * as z from 'zod'
import { MIN_MESSAGES } from './backlog.ts'

export const options = z
  .strictObject({
    mode: z
      .enum(['purge', 'shed', 'redrive', 'move'])
      .default('purge')
      .describe(
        'purge: all that waits; shed: the oldest, down to downTo. Both keep a copy. SQS only: redrive sends the dead letters back, move sends all to another queue',
      ),
    downTo: z.number().int().min(0).default(1_000).describe('How many messages shed leaves in the queue'),
    minMessages: z.number().int().positive().default(MIN_MESSAGES).describe('From so many messages on it is a backlog'),
    minBytes: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("From so many bytes on it is a backlog as well; by default a tenth of the broker's memory limit"),
    prevent: z
      .boolean()
      .default(true)
      .describe('RabbitMQ: limits the length of the queue, and rejects new messages at the limit'),
    maxLength: z.number().int().positive().optional().describe('That limit; by default from memory and message size'),
    sharedWith: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'SQS redrive: the other queues that share these dead letters; SQS sends each message back to the queue it came from',
      ),
    moveTo: z.string().min(1).optional().describe('SQS: the name of the queue that move sends to'),
  })
  .refine(({ mode, downTo, minMessages }) => mode !== 'shed' || downTo < minMessages, {
    path: ['downTo'],
    error: 'must be smaller than minMessages: the queue would still be too long',
  })
  .refine(({ mode, downTo, maxLength }) => mode !== 'shed' || maxLength === undefined || downTo <= maxLength, {
    path: ['maxLength'],
    error: 'must not be smaller than downTo: what is to stay would be above the limit',
  })
  .refine(({ mode, moveTo }) => mode !== 'move' || moveTo !== undefined, {
    path: ['moveTo'],
    error: 'is missing: write the name of the queue that "move" sends to',
  })

export type Options = z.output<typeof options>
