// Where messages are sent back to: an SQS queue.
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SQSClient,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs'
import { ID_HEADER } from '../../lambda/runbooks/relieve-queue-backlog/back/progress.ts'
import { record } from '../../lambda/core/json.ts'
import type { KeptLine } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { CLIENT } from '../aws/client.ts'
import type { Outlet } from '../../lambda/runbooks/relieve-queue-backlog/back/outlet.ts'

/** SQS: the most for one request, and for a message. */
const [MOST_AT_ONCE, MOST_BYTES, MOST_ATTRIBUTES] = [10, 1_000_000, 10]

export function sqsOutlet(queue: string, sqs = new SQSClient(CLIENT)): Outlet {
  let found: string | undefined
  const url = async (): Promise<string> =>
    (found ??= (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl ?? '')
  return {
    async holds() {
      const name = 'ApproximateNumberOfMessages' as const
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await url(), AttributeNames: [name] }),
      )
      return { messages: Number(Attributes?.[name] ?? 0) }
    },
    blocked: async () => undefined,
    async send(lines) {
      const refused = new Set<KeptLine>()
      for (const batch of batches(lines)) {
        const Entries = batch.map((line, i) => entry(line, i, queue.endsWith('.fifo')))
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: await url(), Entries }))
        const mistake = Failed.find(({ SenderFault }) => SenderFault)
        if (mistake) throw new Error(`SQS refuses ${batch[Number(mistake.Id)]!.id}: ${mistake.Message ?? mistake.Code}`)
        for (const { Id } of Failed) refused.add(batch[Number(Id)]!)
      }
      return refused
    },
    // Whoever receives a message from SQS hides it from others.
    look: async () => undefined,
  }
}

function* batches(lines: readonly KeptLine[]): Generator<KeptLine[]> {
  let [batch, bytes]: [KeptLine[], number] = [[], 0]
  for (const line of lines) {
    const more = JSON.stringify(line).length
    if (batch.length === MOST_AT_ONCE || (batch.length > 0 && bytes + more > MOST_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(line)
    bytes += more
  }
  if (batch.length > 0) yield batch
}

interface StoredAttribute {
  DataType?: string
  StringValue?: string
  BinaryValue?: string
}

function entry({ id, body, properties }: KeptLine, place: number, isFifo: boolean): SendMessageBatchRequestEntry {
  const stored = Object.entries((record(properties['attributes']) ?? {}) as Record<string, StoredAttribute>)
  const attributes = stored.map(([name, { DataType, StringValue, BinaryValue }]): [string, MessageAttributeValue] => [
    name,
    BinaryValue === undefined
      ? { DataType, StringValue }
      : { DataType, BinaryValue: Buffer.from(BinaryValue, 'base64') },
  ])
  if (attributes.length < MOST_ATTRIBUTES) attributes.push([ID_HEADER, { DataType: 'String', StringValue: id }])
  const system = record(properties['system']) ?? {}
  return {
    Id: String(place),
    MessageBody: Buffer.from(body, 'base64').toString(),
    MessageAttributes: Object.fromEntries(attributes),
    ...(isFifo && {
      MessageGroupId: typeof system['MessageGroupId'] === 'string' ? system['MessageGroupId'] : 'republished',
      // Sent twice within five minutes, a message counts once.
      MessageDeduplicationId: `${String(properties['messageId'])}-again`,
    }),
  }
}
