// What can go wrong in a world, and be put right again, at a second of the drill.
import * as z from 'zod'
import { amount, id, percent, rate, seconds, text } from '../units.ts'

const when = {
  at: seconds.describe('Second of the drill'),
  forSeconds: seconds.positive().optional().describe('After so long it is as it was before; by default it stays'),
}
/** Of a broker; or one of SQS. */
const queue = { broker: id.optional(), queue: id.optional(), sqs: id.optional() }

export const event = z.discriminatedUnion('does', [
  z.strictObject({ ...when, does: z.literal('consumers'), ...queue, count: z.number().int().min(0) }),
  z.strictObject({ ...when, does: z.literal('consume'), ...queue, perSecond: rate }),
  z.strictObject({ ...when, does: z.literal('publish'), ...queue, perSecond: rate }),
  z.strictObject({ ...when, does: z.literal('message-size'), ...queue, bytes: amount.positive() }),
  z.strictObject({ ...when, does: z.literal('fill-broker'), broker: id, mibPerSecond: amount }),
  z.strictObject({ ...when, does: z.literal('grow-broker'), broker: id, mibPerSecond: amount }),
  z.strictObject({ ...when, does: z.literal('write'), instance: id, folder: text, mibPerSecond: amount }),
  z.strictObject({ ...when, does: z.literal('fill-database'), database: id, mibPerSecond: amount }),
  z.strictObject({ ...when, does: z.literal('requests'), service: id, perSecond: rate }),
  z.strictObject({ ...when, does: z.literal('work'), service: id, seconds }),
  z.strictObject({ ...when, does: z.literal('network'), service: id, to: id, seconds }),
  z.strictObject({
    ...when,
    does: z.literal('hang'),
    service: id,
    to: id,
    percent: percent.describe('Of its calls: they get no answer until the timeout'),
    sticks: z
      .boolean()
      .default(false)
      .describe('The connections stay dead when the cause is over, until the worker starts anew'),
  }),
  z.strictObject({
    ...when,
    does: z.literal('leak'),
    service: id,
    mibPerSecond: amount.default(0),
    mibPerRequest: amount.default(0),
  }),
  z.strictObject({ ...when, does: z.literal('fail'), service: id, percent: percent.describe('Of its requests') }),
  z.strictObject({ at: when.at, does: z.literal('say'), text }),
])

export type HappeningPlan = z.output<typeof event>
