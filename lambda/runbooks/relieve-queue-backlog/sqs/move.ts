// Moves messages from one SQS queue to another: SQS itself moves dead letters, others go ten at a time.
import { reasonOf } from '../../../core/words/words.ts'
import { grouped, messages } from '../backlog.ts'
import { receive, remove, type Received } from './messages.ts'
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

const TURN_MS = 45_000
const HELD_SECONDS = 60

/** One request may be 1 MiB, and so may one message: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH_BYTES = 1_000_000
/** A call that fails now and then does not make it forget how many it has moved. */
const FAILURES_MOST = 5

interface Moved {
  moved: number
  failures?: number
  /** Sent, perhaps: nobody knows. They count towards what was approved. */
  uncertain?: number
  /** Ids of messages that were sent and could not be deleted yet: they come again, and are not sent again. */
  sent?: string[]
}

/** No more than there were at first, whatever publishers add, and no more than was approved. */
export async function moveTurn(
  tools: Tools,
  state: unknown,
  { from, to, most }: { from: SqsQueue; to: SqsQueue; most: number },
): Promise<Turn> {
  const goal = Math.min(from.messages, most)
  const begun = tools.now()
  const before = (state ?? { moved: 0 }) as Moved
  const { failures = 0 } = before
  let { moved, uncertain = 0 } = before
  let sent = new Set(before.sent)
  const now = (): Moved => ({ moved, ...(uncertain > 0 && { uncertain }), ...(sent.size > 0 && { sent: [...sent] }) })
  const going = (more: Partial<Moved>, words = ''): Turn => ({
    going: `${grouped(moved)} of ${messages(goal)} are moved${words}`,
    againInSeconds: more.failures === undefined ? 1 : 5,
    state: { ...now(), ...more } satisfies Moved,
  })
  const deleted = async (batch: readonly Received[]): Promise<void> => {
    const left = new Set((await remove(tools, from.url, batch)).map(({ MessageId = '' }) => MessageId))
    sent = new Set([...sent, ...left])
    for (const { MessageId = '' } of batch) if (!left.has(MessageId)) sent.delete(MessageId)
  }
  try {
    while (moved + uncertain < goal) {
      const received = await receive(tools, from.url, {
        visibilitySeconds: HELD_SECONDS,
        most: goal - moved - uncertain,
      })
      if (received.length === 0) break
      const isSent = ({ MessageId = '' }: Received): boolean => sent.has(MessageId)
      const [again, fresh] = [received.filter(isSent), received.filter((one) => !isSent(one))]
      if (again.length > 0) await deleted(again)
      for (const batch of batchesOf(fresh)) {
        uncertain += batch.length
        const { went, why } = await sendBatch(tools, batch, to)
        uncertain -= batch.length
        if (went.length === 0)
          throw new Error(`SQS did not take ${messages(batch.length)}: ${why ?? 'no reason given'}`)
        moved += went.length
        for (const { MessageId = '' } of went) sent.add(MessageId)
        await deleted(went)
      }
      if (tools.now() - begun > TURN_MS) return going({})
    }
  } catch (error) {
    if (error instanceof Refused || failures + 1 >= FAILURES_MOST) throw error
    return going({ failures: failures + 1 }, `; ${reasonOf(error)}`)
  }
  const left = (await queueCalled(tools, from.name)).messages
  const notes = [
    moved >= most && left > 0 && `what is left in ${from.name} is beyond what was approved, and stays`,
    uncertain > 0 && `${messages(uncertain)} more may be there too: SQS did not say`,
    sent.size > 0 && `${messages(sent.size)} of them could not be deleted from ${from.name}, and are in both`,
  ].filter((note) => note !== false)
  return { done: [`${messages(moved)} are in ${to.name}`, ...notes].join('; '), state: now() }
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

/** Those that went, and why others did not: they come back to where they were. */
async function sendBatch(
  tools: Tools,
  batch: readonly Received[],
  to: SqsQueue,
): Promise<{ went: Received[]; why: string | undefined }> {
  const { Failed = [] } = await tools.cloud.call<{ Failed?: { Id?: string; Message?: string }[] }>(
    'sqs',
    'SendMessageBatch',
    { QueueUrl: to.url, Entries: batch.map((message, i) => ({ Id: String(i), ...asSent(message, to.url) })) },
  )
  const failed = new Set(Failed.map(({ Id }) => Id))
  return { went: batch.filter((_, i) => !failed.has(String(i))), why: Failed[0]?.Message }
}

/** A FIFO queue accepts the same message once within five minutes, recognized by its own id. */
function asSent({ MessageId, Body, Attributes, MessageAttributes }: Received, url: string): Record<string, unknown> {
  const fifo = url.endsWith('.fifo') && {
    MessageGroupId: Attributes?.['MessageGroupId'] ?? 'moved',
    MessageDeduplicationId: MessageId,
  }
  return { MessageBody: Body, ...(MessageAttributes && { MessageAttributes }), ...fifo }
}
