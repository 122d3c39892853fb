// Messages of an SQS queue are received, held and deleted ten at a time, several calls at once.
import { Refused, type Tools } from '../../runbook.ts'

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

/** What those brought that did not fail; throws what the first failed with only if all of them did. */
export async function together<T>(calls: readonly (() => Promise<T>)[]): Promise<T[]> {
  const ended = await Promise.allSettled(calls.map((call) => call()))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed && ended.every(({ status }) => status === 'rejected')) throw failed.reason
  return ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
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

const DELETE_TRIES = 3

/** SQS takes ten at a time, and may refuse some of them. Returns those that are still there after a few tries. */
export async function remove(tools: Tools, url: string, received: readonly Received[]): Promise<Received[]> {
  let left = [...received]
  for (let tries = 1; left.length > 0; tries++) {
    const batches = tens(left).map((batch) => () => removeTen(tools, url, batch))
    const failed: Received[] = []
    for (let i = 0; i < batches.length; i += TOGETHER)
      for (const some of await Promise.all(batches.slice(i, i + TOGETHER).map((call) => call()))) failed.push(...some)
    left = failed
    if (tries >= DELETE_TRIES || left.length === 0) break
    await tools.pause(tries)
  }
  return left
}

/** Those that were not deleted; all of them if nobody knows. `Refused` if it may not. */
async function removeTen({ cloud }: Tools, url: string, received: readonly Received[]): Promise<readonly Received[]> {
  const Entries = received.map(({ ReceiptHandle }, k) => ({ Id: String(k), ReceiptHandle }))
  try {
    const { Failed = [] } = await cloud.call<{ Failed?: { Id?: string }[] }>('sqs', 'DeleteMessageBatch', {
      QueueUrl: url,
      Entries,
    })
    return Failed.flatMap(({ Id }) => received[Number(Id)] ?? [])
  } catch (error) {
    if (error instanceof Refused) throw error
    return received
  }
}

/** They stay invisible so long from now on. What fails is not extended: whoever asks looks at the clock. */
export async function extend(
  tools: Tools,
  url: string,
  received: readonly Received[],
  seconds: number,
): Promise<boolean> {
  const calls = tens(received).map((batch) => () => {
    const Entries = batch.map(({ ReceiptHandle }, k) => ({ Id: String(k), ReceiptHandle, VisibilityTimeout: seconds }))
    return tools.cloud.call<{ Failed?: object[] }>('sqs', 'ChangeMessageVisibilityBatch', { QueueUrl: url, Entries })
  })
  const ended = await Promise.allSettled(calls.map((call) => call()))
  return ended.every((one) => one.status === 'fulfilled' && (one.value.Failed ?? []).length === 0)
}

const tens = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / RECEIVED_MOST) }, (_, n) =>
    all.slice(n * RECEIVED_MOST, (n + 1) * RECEIVED_MOST),
  )
