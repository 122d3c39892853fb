// Queues as the command line sees them: how deep, how old, and dead letters that can be held, sent again and deleted.
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'
import { CLIENT, once } from './client.ts'

// The queue's address comes from an output; the client still goes where AWS_ENDPOINT_URL sends it.
const sqs = once(() => new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false }))
const cloudwatch = once(() => new CloudWatchClient(CLIENT))

export interface Depth {
  waiting: number
  /** Received by somebody, and not yet deleted or returned. */
  inFlight: number
}

export async function depthOf(QueueUrl: string): Promise<Depth> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const { Attributes = {} } = await sqs().send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  )
  const [waiting, inFlight] = AttributeNames.map((name) => Number(Attributes[name] ?? 0))
  return { waiting: waiting!, inFlight: inFlight! }
}

const MINUTES_BACK = 10

/** Seconds, the maximum within ten minutes; undefined if CloudWatch has no value (SQS reports nothing for an idle queue). */
export async function ageOfOldest(queueUrl: string): Promise<number | undefined> {
  const now = Date.now()
  const { Datapoints = [] } = await cloudwatch().send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: queueUrl.split('/').at(-1)! }],
      StartTime: new Date(now - MINUTES_BACK * 60_000),
      EndTime: new Date(now),
      Period: 60,
      Statistics: ['Maximum'],
    }),
  )
  const newest = Datapoints.toSorted((a, b) => Number(b.Timestamp) - Number(a.Timestamp))[0]
  return newest?.Maximum
}

/** A message that nobody else receives for a while. */
export interface Held {
  id: string
  body: string
  sentAt: number
  /** Why intake could not read it; unset for messages that failed again and again. */
  reason: string | undefined
  group: string | undefined
  attributes: NonNullable<Message['MessageAttributes']>
  receipt: string
}

/** Time to read, decide and send; after that, messages that were not deleted reappear. */
const HELD_SECONDS = 900

/** Takes up to `most` messages out of sight. A FIFO queue gives at most ten of a group at once. */
export async function hold(QueueUrl: string, most: number): Promise<Held[]> {
  const held = new Map<string, Held>()
  while (held.size < most) {
    const { Messages = [] } = await sqs().send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(10, most - held.size),
        VisibilityTimeout: HELD_SECONDS,
        // Long polling asks all of the servers that hold a queue, short polling only some.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    )
    if (Messages.length === 0) break
    for (const message of Messages) held.set(message.MessageId!, heldOf(message))
  }
  return [...held.values()]
}

function heldOf({ MessageId, Body, ReceiptHandle, MessageAttributes = {}, Attributes }: Message): Held {
  const { reason, ...attributes } = MessageAttributes
  return {
    id: MessageId!,
    body: Body ?? '',
    sentAt: Number(Attributes?.SentTimestamp ?? Date.now()),
    reason: reason?.StringValue,
    group: Attributes?.MessageGroupId,
    attributes,
    receipt: ReceiptHandle!,
  }
}

export async function release(QueueUrl: string, held: readonly Held[]): Promise<void> {
  await Promise.allSettled(
    held.map(({ receipt: ReceiptHandle }) =>
      sqs().send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
    ),
  )
}

/** A message sent twice within five minutes counts once in a FIFO queue: its old id identifies it. */
export async function send(QueueUrl: string, { body, attributes, group, id }: Held): Promise<void> {
  const fifo = QueueUrl.endsWith('.fifo') && { MessageGroupId: group ?? 'redrive', MessageDeduplicationId: id }
  await sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes: attributes, ...fifo }))
}

export async function remove(QueueUrl: string, { receipt: ReceiptHandle }: Held): Promise<void> {
  await sqs().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
}
