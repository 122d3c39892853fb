// What Lambda's event source mappings do: take messages from a queue, call the handler with them, delete what did not fail.
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'

export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse | void>

/** Starts `pollers` loops on a queue. Returns what stops them. */
export function serveQueue(
  url: string,
  handler: QueueHandler,
  pollers: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const client = new SQSClient({})
  const stopped = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
          {
            abortSignal: stopped.signal,
          },
        )
        if (Messages.length > 0) await handle(client, url, handler, Messages)
      } catch (error) {
        if (!stopped.signal.aborted) {
          onError(error)
          await new Promise((resolve) => setTimeout(resolve, 500))
        }
      }
    }
  }
  const loops = Array.from({ length: pollers }, loop)
  return async () => {
    stopped.abort()
    await Promise.all(loops)
    client.destroy()
  }
}

/** A failed message comes back after this time: nobody at the page wants to wait as long as a queue in AWS does. */
const BACK_AFTER_SECONDS = 1

async function handle(client: SQSClient, QueueUrl: string, handler: QueueHandler, messages: Message[]): Promise<void> {
  const entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }))
  const comesBack = (some: typeof entries): Promise<unknown> =>
    client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: some.map((entry) => ({ ...entry, VisibilityTimeout: BACK_AFTER_SECONDS })),
      }),
    )
  let failed: Set<string>
  try {
    const Records = messages.map(({ MessageId, Body }) => ({
      messageId: MessageId!,
      body: Body ?? '',
      eventSource: 'aws:sqs',
    }))
    const answer = await handler({ Records } as SQSEvent)
    failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  } catch (error) {
    await comesBack(entries)
    throw error
  }
  const done = entries.filter((_, i) => !failed.has(messages[i]!.MessageId!))
  const back = entries.filter((entry) => !done.includes(entry))
  if (done.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: done }))
  if (back.length > 0) await comesBack(back)
}
