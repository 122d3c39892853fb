// Queues: the word that something changed, and what could not be read.
import { randomUUID } from 'node:crypto'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { DeadLetters, Notices } from '../ports.ts'

/** One group for the one channel: so that one run at a time talks to Slack. */
const GROUP = 'slack'

export function sqsNotices(QueueUrl: string, client = new SQSClient({})): Notices {
  return {
    async changed() {
      await client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: '{}',
          MessageGroupId: GROUP,
          MessageDeduplicationId: randomUUID(),
        }),
      )
    },
  }
}

/** An attribute of SQS takes no control characters. */
const attribute = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256)

export function sqsDeadLetters(QueueUrl: string, client = new SQSClient({})): DeadLetters {
  return {
    async keep(body, reason) {
      await client.send(
        new SendMessageCommand({
          QueueUrl,
          // SQS takes no empty message, and what came in may hold characters that it does not take back.
          MessageBody: body.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd') || ' ',
          MessageAttributes: { reason: { DataType: 'String', StringValue: attribute(reason) } },
        }),
      )
    },
  }
}
