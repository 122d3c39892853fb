// SQS queues: alarms that come in, notices that something changed, and dead letters that could not be read.
import { createHash, randomUUID } from 'node:crypto'
import { SQS_AT_ONCE } from '../core/facts/queues.ts'
import type { DeadLetters, Inbox, Notices } from '../ports/runtime.ts'
import { jsonCall, type AwsCall } from './aws.ts'

/**
 * A message group for each place, so that only one run at a time talks to it. SQS takes up to 128 characters, without spaces and accents; a
 * channel's name may have some. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const groupOf = (place: string): string =>
  /^[\x21-\x7e]{1,128}$/.test(place) ? place : createHash('sha256').update(place).digest('hex')

const sqs = (call: AwsCall, operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> =>
  jsonCall(call, 'sqs', { version: '1.0', target: `AmazonSQS.${operation}` }, input)

const send = (call: AwsCall, message: Record<string, unknown>): Promise<unknown> => sqs(call, 'SendMessage', message)

export const sqsNotices = (QueueUrl: string, call: AwsCall): Notices => ({
  async changed(place) {
    await send(call, {
      QueueUrl,
      MessageBody: JSON.stringify({ place } satisfies Notice),
      MessageGroupId: groupOf(place),
      MessageDeduplicationId: randomUUID(),
    })
  },
})

interface Notice {
  place: string
}

/** The place that a notice is about; undefined for those that 0.1.0 sent, which knew only one. */
export const placeIn = (body: string): string | undefined => (JSON.parse(body) as Partial<Notice>).place

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

interface ReceivedMessage {
  MessageId: string
  ReceiptHandle: string
  Body: string
  Attributes?: { SentTimestamp?: string }
}

export const sqsInbox = (QueueUrl: string, call: AwsCall): Inbox => ({
  async put(event) {
    // All that JSON may contain and SQS does not take.
    const MessageBody = JSON.stringify(event).replace(
      /[\ufffe\uffff]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16)}`,
    )
    await send(call, { QueueUrl, MessageBody })
  },
  async receive(most) {
    const { Messages = [] } = await sqs(call, 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: Math.min(SQS_AT_ONCE, most),
      MessageSystemAttributeNames: ['SentTimestamp'],
    })
    return (Messages as ReceivedMessage[]).map((one) => ({
      id: one.MessageId,
      body: one.Body,
      receipt: one.ReceiptHandle,
      ...(one.Attributes?.SentTimestamp !== undefined && { sentAt: Number(one.Attributes.SentTimestamp) }),
    }))
  },
  async remove(received) {
    const entries = received.map(({ receipt }, n) => ({ Id: String(n), ReceiptHandle: receipt }))
    const batches = Array.from({ length: Math.ceil(entries.length / SQS_AT_ONCE) }, (_, n) =>
      entries.slice(n * SQS_AT_ONCE, (n + 1) * SQS_AT_ONCE),
    )
    const answers = await Promise.allSettled(
      batches.map((Entries) => sqs(call, 'DeleteMessageBatch', { QueueUrl, Entries })),
    )
    const troubles = answers.flatMap((answer) => {
      if (answer.status === 'rejected') return String(answer.reason)
      return ((answer.value['Failed'] ?? []) as { Code: string }[]).map(({ Code }) => Code)
    })
    if (troubles.length > 0) throw new Error(`not removed: ${[...new Set(troubles)].join(', ')}`)
  },
})
