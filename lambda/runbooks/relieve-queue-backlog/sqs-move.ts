// Moves messages from one SQS queue to another: SQS itself moves dead letters, others go ten at a time.
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

/** Starts a move task, once: one that is running, or was started since the run was approved, counts as its own. */
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
    `SQS stopped after ${messages(moved)} (${task.Status ?? 'no status'}): ${task.FailureReason ?? 'no reason given'}`,
  )
}

export interface Received {
  MessageId?: string
  ReceiptHandle?: string
  Body?: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: Uint8Array }>
}

/** SQS gives at most ten at once. They are invisible to others for `visibilitySeconds`. */
export async function receive(
  { cloud }: Pick<Tools, 'cloud'>,
  url: string,
  visibilitySeconds: number,
): Promise<Received[]> {
  const { Messages = [] } = await cloud.call<{ Messages?: Received[] }>('sqs', 'ReceiveMessage', {
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: visibilitySeconds,
    // A short poll asks only some of the servers that store a queue.
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  return Messages
}

/** SQS takes ten at a time. Throws if any was not deleted. */
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
  // No more than there were at first, whatever publishers add.
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

/** A FIFO queue accepts the same message once within five minutes, recognized by its own id. */
function asSent({ MessageId, Body, Attributes, MessageAttributes }: Received, url: string): Record<string, unknown> {
  const fifo = url.endsWith('.fifo') && {
    MessageGroupId: Attributes?.['MessageGroupId'] ?? 'moved',
    MessageDeduplicationId: MessageId,
  }
  return { MessageBody: Body, ...(MessageAttributes && { MessageAttributes }), ...fifo }
}
