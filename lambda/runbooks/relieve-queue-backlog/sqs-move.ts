// Messages of SQS from one queue to another: dead letters by SQS itself, others ten at a time.
import { messages } from './backlog.ts'
import type { SqsQueue } from './sqs-queue.ts'
import { Refused, type Tools, type Turn } from '../runbook.ts'

interface MoveTask {
  Status?: string
  StartedTimestamp?: number
  ApproximateNumberOfMessagesMoved?: number
  ApproximateNumberOfMessagesToMove?: number
  FailureReason?: string
}

/** Starts a move task, once: one that was started since the run was approved is its own. */
export async function redriveTurn({ cloud }: Tools, from: SqsQueue, to: SqsQueue, since: number): Promise<Turn> {
  const { Results: tasks = [] } = await cloud.call<{ Results?: MoveTask[] }>('sqs', 'ListMessageMoveTasks', {
    SourceArn: from.arn,
    MaxResults: 10,
  })
  const task = tasks.find(({ Status, StartedTimestamp = 0 }) => Status === 'RUNNING' || StartedTimestamp >= since)
  const moved = task?.ApproximateNumberOfMessagesMoved ?? 0
  if (!task) {
    await cloud.call('sqs', 'StartMessageMoveTask', { SourceArn: from.arn, DestinationArn: to.arn })
    return { going: `SQS moves ${messages(from.messages)}`, againInSeconds: 5 }
  }
  if (task.Status === 'COMPLETED') return { done: `${messages(moved)} went back to ${to.name}` }
  if (task.Status === 'RUNNING')
    return {
      going: `${moved} of ${messages(task.ApproximateNumberOfMessagesToMove ?? from.messages)} went back`,
      againInSeconds: 10,
    }
  throw new Refused(
    `SQS stopped after ${messages(moved)} (${task.Status ?? 'no status'}): ${task.FailureReason ?? 'it says no reason'}`,
  )
}

export interface Received {
  MessageId?: string
  ReceiptHandle?: string
  Body?: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: Uint8Array }>
}

/** Ten is the most that SQS gives at once. Invisible to others for so long. */
export async function receive(
  { cloud }: Pick<Tools, 'cloud'>,
  url: string,
  visibilitySeconds: number,
): Promise<Received[]> {
  const { Messages = [] } = await cloud.call<{ Messages?: Received[] }>('sqs', 'ReceiveMessage', {
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: visibilitySeconds,
    // A short poll asks only some of the servers that hold a queue.
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  return Messages
}

/** SQS takes ten at a time. Throws where it did not delete one. */
export async function remove(
  { cloud }: Pick<Tools, 'cloud'>,
  url: string,
  received: readonly Received[],
): Promise<void> {
  for (let i = 0; i < received.length; i += 10) {
    const Entries = received.slice(i, i + 10).map(({ ReceiptHandle }, k) => ({ Id: String(k), ReceiptHandle }))
    const { Failed = [] } = await cloud.call<{ Failed?: { Message?: string }[] }>('sqs', 'DeleteMessageBatch', {
      QueueUrl: url,
      Entries,
    })
    if (Failed.length > 0) throw new Error(`SQS did not delete ${messages(Failed.length)}: ${Failed[0]?.Message ?? ''}`)
  }
}

const TURN_MS = 45_000
const HELD_SECONDS = 60

export async function moveTurn(tools: Tools, state: unknown, from: SqsQueue, to: SqsQueue): Promise<Turn> {
  const begun = tools.now()
  let moved = typeof state === 'number' ? state : 0
  // No more than there were, whatever publishers add.
  while (moved < from.messages) {
    const received = await receive(tools, from.url, HELD_SECONDS)
    if (received.length === 0) break
    const { Failed = [] } = await tools.cloud.call<{ Failed?: { Message?: string }[] }>('sqs', 'SendMessageBatch', {
      QueueUrl: to.url,
      Entries: received.map((message, i) => ({ Id: String(i), ...asSent(message, to.url) })),
    })
    if (Failed.length > 0) throw new Error(`SQS did not take ${messages(Failed.length)}: ${Failed[0]?.Message ?? ''}`)
    await remove(tools, from.url, received)
    moved += received.length
    if (tools.now() - begun > TURN_MS)
      return { going: `${moved} of ${messages(from.messages)} are moved`, againInSeconds: 1, state: moved }
  }
  return { done: `${messages(moved)} are in ${to.name}`, state: moved }
}

/** A FIFO queue takes the same message once within five minutes: its own id tells. */
function asSent({ MessageId, Body, Attributes, MessageAttributes }: Received, url: string): Record<string, unknown> {
  const fifo = url.endsWith('.fifo') && {
    MessageGroupId: Attributes?.['MessageGroupId'] ?? 'moved',
    MessageDeduplicationId: MessageId,
  }
  return { MessageBody: Body, ...(MessageAttributes && { MessageAttributes }), ...fifo }
}
