// Moves messages from one SQS queue to another: SQS itself moves dead letters, others go ten at a time.
import { reasonOf } from '../../../core/words/words.ts'
import { grouped, messages } from '../backlog.ts'
import { queueCalled, type SqsQueue } from './queue.ts'
import { Refused, type Tools, type Turn } from '../../runbook.ts'

interface MoveTask {
  TaskHandle?: string
  Status?: string
  /** Missing where each message goes back to the queue it came from. */
  DestinationArn?: string
  StartedTimestamp?: number
  ApproximateNumberOfMessagesMoved?: number
  ApproximateNumberOfMessagesToMove?: number
  FailureReason?: string
}

/**
 * Starts a move task, once: one to the same place that was started since the run was approved counts as its own. `to`: undefined where several queues share
 * the dead letters: then SQS sends each message to the queue it came from. At most `most` go back.
 */
export async function redriveTurn(
  { cloud }: Tools,
  { from, to, most, since }: { from: SqsQueue; to: SqsQueue | undefined; most: number; since: number },
): Promise<Turn> {
  const { Results: tasks = [] } = await cloud.call<{ Results?: MoveTask[] }>('sqs', 'ListMessageMoveTasks', {
    SourceArn: from.arn,
    MaxResults: 10,
  })
  const task = tasks.find(
    ({ StartedTimestamp = 0, DestinationArn }) => StartedTimestamp >= since && DestinationArn === to?.arn,
  )
  if (!task && tasks.some(({ Status }) => Status === 'RUNNING'))
    throw new Refused(`somebody else moves the messages of ${from.name} already: wait until that has ended`)
  const moved = task?.ApproximateNumberOfMessagesMoved ?? 0
  if (!task) {
    await cloud.call('sqs', 'StartMessageMoveTask', { SourceArn: from.arn, ...(to && { DestinationArn: to.arn }) })
    return { going: `SQS moves ${messages(from.messages)}`, againInSeconds: 5 }
  }
  const back = `${messages(moved)} went back to ${to?.name ?? 'the queues they came from'}`
  if (task.Status === 'COMPLETED') return { done: back }
  if (task.Status === 'CANCELLED' && moved >= most)
    return { done: `${back}; what is left in ${from.name} is beyond what was approved, and stays` }
  if (task.Status === 'RUNNING' && moved >= most)
    await cloud.call('sqs', 'CancelMessageMoveTask', { TaskHandle: task.TaskHandle })
  if (task.Status === 'RUNNING' || task.Status === 'CANCELLING')
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

export const RECEIVED_MOST = 10
/** Calls at once: each takes tens of milliseconds, and handles ten messages. */
export const TOGETHER = 10

/** When all of them have ended; throws what the first failed with. */
export async function together<T>(calls: readonly (() => Promise<T>)[]): Promise<T[]> {
  const ended = await Promise.allSettled(calls.map((call) => call()))
  return ended.map((one) => {
    if (one.status === 'fulfilled') return one.value
    throw one.reason
  })
}

/** SQS gives at most ten at once. They are invisible to others for `visibilitySeconds`. */
export async function receive(
  { cloud }: Pick<Tools, 'cloud'>,
  url: string,
  { visibilitySeconds, most = RECEIVED_MOST }: { visibilitySeconds: number; most?: number },
): Promise<Received[]> {
  const { Messages = [] } = await cloud.call<{ Messages?: Received[] }>('sqs', 'ReceiveMessage', {
    QueueUrl: url,
    MaxNumberOfMessages: Math.min(RECEIVED_MOST, most),
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
  const batches: (() => Promise<void>)[] = []
  for (let i = 0; i < received.length; i += 10) batches.push(() => removeTen({ cloud }, url, received.slice(i, i + 10)))
  for (let i = 0; i < batches.length; i += TOGETHER) await together(batches.slice(i, i + TOGETHER))
}

async function removeTen({ cloud }: Pick<Tools, 'cloud'>, url: string, received: readonly Received[]): Promise<void> {
  const Entries = received.map(({ ReceiptHandle }, k) => ({ Id: String(k), ReceiptHandle }))
  const { Failed = [] } = await cloud.call<{ Failed?: { Message?: string }[] }>('sqs', 'DeleteMessageBatch', {
    QueueUrl: url,
    Entries,
  })
  if (Failed.length > 0) throw new Error(`SQS did not delete ${messages(Failed.length)}: ${Failed[0]?.Message ?? ''}`)
}

const TURN_MS = 45_000
const HELD_SECONDS = 60

/** One request may be 1 MiB, and so may one message: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH_BYTES = 1_000_000
/** A call that fails now and then does not make it forget how many it has moved. */
const FAILURES_MOST = 5

interface Moved {
  moved: number
  failures?: number
}

/** No more than there were at first, whatever publishers add, and no more than was approved. */
export async function moveTurn(
  tools: Tools,
  state: unknown,
  { from, to, most }: { from: SqsQueue; to: SqsQueue; most: number },
): Promise<Turn> {
  const goal = Math.min(from.messages, most)
  const begun = tools.now()
  const { failures = 0, moved: before } = (state ?? { moved: 0 }) as Moved
  let moved = before
  const going = (more: Partial<Moved>, words = ''): Turn => ({
    going: `${grouped(moved)} of ${messages(goal)} are moved${words}`,
    againInSeconds: more.failures === undefined ? 1 : 5,
    state: { moved, ...more } satisfies Moved,
  })
  try {
    while (moved < goal) {
      const received = await receive(tools, from.url, { visibilitySeconds: HELD_SECONDS, most: goal - moved })
      if (received.length === 0) break
      for (const batch of batchesOf(received)) moved += await moveBatch(tools, batch, from, to)
      if (tools.now() - begun > TURN_MS) return going({})
    }
  } catch (error) {
    if (error instanceof Refused || failures + 1 >= FAILURES_MOST) throw error
    return going({ failures: failures + 1 }, `; ${reasonOf(error)}`)
  }
  const left = (await queueCalled(tools, from.name)).messages
  const beyond =
    moved >= most && left > 0 ? `; what is left in ${from.name} is beyond what was approved, and stays` : ''
  return { done: `${messages(moved)} are in ${to.name}${beyond}`, state: { moved } satisfies Moved }
}

function batchesOf(received: readonly Received[]): Received[][] {
  const batches: Received[][] = []
  let bytes = Infinity
  for (const message of received) {
    const size = Buffer.byteLength(JSON.stringify(asSent(message, '')))
    if (bytes + size > BATCH_BYTES) batches.push([])
    bytes = bytes + size > BATCH_BYTES ? size : bytes + size
    batches.at(-1)!.push(message)
  }
  return batches
}

/** How many went. Those that were not taken are not deleted: they come back. */
async function moveBatch(tools: Tools, batch: readonly Received[], from: SqsQueue, to: SqsQueue): Promise<number> {
  const { Failed = [] } = await tools.cloud.call<{ Failed?: { Id?: string; Message?: string }[] }>(
    'sqs',
    'SendMessageBatch',
    { QueueUrl: to.url, Entries: batch.map((message, i) => ({ Id: String(i), ...asSent(message, to.url) })) },
  )
  const failed = new Set(Failed.map(({ Id }) => Id))
  const went = batch.filter((_, i) => !failed.has(String(i)))
  await remove(tools, from.url, went)
  if (went.length === 0)
    throw new Error(`SQS did not take ${messages(Failed.length)}: ${Failed[0]?.Message ?? 'no reason given'}`)
  return went.length
}

/** A FIFO queue accepts the same message once within five minutes, recognized by its own id. */
function asSent({ MessageId, Body, Attributes, MessageAttributes }: Received, url: string): Record<string, unknown> {
  const fifo = url.endsWith('.fifo') && {
    MessageGroupId: Attributes?.['MessageGroupId'] ?? 'moved',
    MessageDeduplicationId: MessageId,
  }
  return { MessageBody: Body, ...(MessageAttributes && { MessageAttributes }), ...fifo }
}
