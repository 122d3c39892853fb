// What Lambda's event source mappings do: take messages from a queue, call the handler with them, delete what did not fail.
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs'
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

async function handle(client: SQSClient, url: string, handler: QueueHandler, messages: Message[]): Promise<void> {
  const answer = await handler({
    Records: messages.map(({ MessageId, Body }) => ({
      messageId: MessageId!,
      body: Body ?? '',
      eventSource: 'aws:sqs',
    })),
  } as SQSEvent)
  const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId!))
  if (done.length > 0)
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
      }),
    )
}
