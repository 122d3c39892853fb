// Sending kept messages back to SQS, on an emulator: with their attributes, in their group, and none that SQS has already taken.
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs'
import { buildApp } from 'fauxqs'
import { sqsOutlet } from '../../../bin/republish/sqs.ts'
import type { KeptLine } from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'

const app = buildApp({ logger: false })
let sqs: SQSClient

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
})
afterAll(() => app.close())

const line = (i: number): KeptLine => ({
  id: `INC-1/jobs/${i}`,
  body: Buffer.from(`job ${i} ü`).toString('base64'),
  properties: {
    messageId: `m${i}`,
    system: { MessageGroupId: `g${i % 2}` },
    attributes: { kind: { DataType: 'Binary', BinaryValue: 'AQI=' }, name: { DataType: 'String', StringValue: 'x' } },
  },
  exchange: '',
  routingKey: '',
  redelivered: false,
})
const LINES = Array.from({ length: 23 }, (_, i) => line(i))

async function received(queue: string): Promise<Message[]> {
  const found: Message[] = []
  for (;;) {
    const url = `http://sqs.us-east-1.localhost/000000000000/${queue}`
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        VisibilityTimeout: 60,
      }),
    )
    if (Messages.length === 0) return found
    found.push(...Messages)
  }
}

test('more than ten, with their attributes', async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }))
  const outlet = sqsOutlet('jobs', sqs)
  expect(await outlet.send(LINES)).toEqual(new Set())
  expect(await outlet.holds()).toEqual({ messages: 23 })
  const got = await received('jobs')
  expect(got.map(({ Body }) => Body).sort()).toEqual(LINES.map((_, i) => `job ${i} ü`).sort())
  expect(got[0]!.MessageAttributes).toMatchObject({
    kind: { DataType: 'Binary' },
    name: { StringValue: 'x' },
    'x-tocsin-id': { DataType: 'String' },
  })
})

test('to a FIFO queue in their groups, and once although it is called twice', async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: 'jobs.fifo', Attributes: { FifoQueue: 'true' } }))
  const outlet = sqsOutlet('jobs.fifo', sqs)
  await outlet.send(LINES.slice(0, 4))
  await outlet.send(LINES.slice(0, 4))
  expect(await outlet.holds()).toEqual({ messages: 4 })
  const [first] = await received('jobs.fifo')
  expect(first!.Attributes?.MessageGroupId).toBe('g0')
})

test('nobody can look into it', async () => {
  expect(await sqsOutlet('jobs', sqs).look()).toBeUndefined()
  expect(await sqsOutlet('jobs', sqs).blocked()).toBeUndefined()
})
