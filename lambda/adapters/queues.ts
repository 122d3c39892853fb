// SQS queues: notices that something changed, and dead letters that could not be read.
import { randomUUID } from 'node:crypto'
import type { DeadLetters, Notices } from '../ports/runtime.ts'
import { jsonCall, type AwsCall } from './aws.ts'

/** One message group for the one channel, so that only one run at a time talks to Slack. */
const GROUP = 'slack'

const send = (call: AwsCall, message: Record<string, unknown>): Promise<unknown> =>
  jsonCall(call, 'sqs', { version: '1.0', target: 'AmazonSQS.SendMessage' }, message)

export const sqsNotices = (QueueUrl: string, call: AwsCall): Notices => ({
  async changed() {
    await send(call, { QueueUrl, MessageBody: '{}', MessageGroupId: GROUP, MessageDeduplicationId: randomUUID() })
  },
})

/** An SQS attribute must not contain control characters. */
const attribute = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256)

export const sqsDeadLetters = (QueueUrl: string, call: AwsCall): DeadLetters => ({
  async keep(body, reason) {
    await send(call, {
      QueueUrl,
      // SQS takes no empty message, and what came in may contain characters that it does not accept.
      MessageBody: body.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd') || ' ',
      MessageAttributes: { reason: { DataType: 'String', StringValue: attribute(reason) } },
    })
  },
})
