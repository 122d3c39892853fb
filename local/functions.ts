// What Lambda's event source mappings do: take messages from a queue, call the handler with them, delete what did not fail.
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'

export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse | void>

/** `atOnce`: how many of its invocations run at the same time. Returns what stops them. */
export function serveQueue(
  url: string,
  handler: QueueHandler,
  { batch, atOnce }: { batch: number; atOnce: number },
  onError: (error: unknown) => void,
): () => Promise<void> {
  const client = new SQSClient({})
  const stopped = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: batch, WaitTimeSeconds: 20 }),
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
  const loops = Array.from({ length: atOnce }, loop)
  return async () => {
    stopped.abort()
    await Promise.all(loops)
    client.destroy()
  }
}

/** What failed stays in the queue, and comes back when its visibility timeout has passed. */
async function handle(client: SQSClient, QueueUrl: string, handler: QueueHandler, messages: Message[]): Promise<void> {
  const entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }))
  const Records = messages.map(({ MessageId, Body }) => ({
    messageId: MessageId!,
    body: Body ?? '',
    eventSource: 'aws:sqs',
  }))
  const answer = await handler({ Records } as SQSEvent)
  const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const done = entries.filter((_, i) => !failed.has(messages[i]!.MessageId!))
  if (done.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: done }))
}
