// SQS as it is asked: against an emulator that checks what it is sent.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { buildApp } from 'fauxqs'
import { awsCall, type AwsCall } from '../../lambda/adapters/aws.ts'
import { sqsInbox } from '../../lambda/adapters/queues.ts'
import type { Inbox } from '../../lambda/ports/runtime.ts'

const app = buildApp({ logger: false })
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }
let client: SQSClient
let call: AwsCall
let url: string
let inbox: Inbox

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
  client = new SQSClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS })
  call = awsCall({ region: 'us-east-1', ...CREDENTIALS, endpoints: { sqs: endpoint } })
})
afterAll(async () => {
  client.destroy()
  await app.close()
})

let queues = 0
beforeEach(async () => {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `intake-${queues++}` }))
  url = QueueUrl!
  inbox = sqsInbox(url, call)
})

const sendAll = (count: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: `message ${n}` })),
    ),
  )

async function waiting(): Promise<[visible: number, invisible: number]> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  )
  return [
    Number(Attributes['ApproximateNumberOfMessages']),
    Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
  ]
}

test('an empty queue gives nothing', async () => {
  expect(await inbox.receive(10)).toEqual([])
})

test('it receives at most ten at a time, and no more than are wanted', async () => {
  await sendAll(15)
  const first = await inbox.receive(40)
  const second = await inbox.receive(3)
  expect([first.length, second.length]).toEqual([10, 3])
  expect(new Set([...first, ...second].map(({ body }) => body)).size).toBe(13)
  expect(await waiting()).toEqual([2, 13])
})

test('it removes as many as it is given', async () => {
  await sendAll(25)
  const received = [...(await inbox.receive(10)), ...(await inbox.receive(10)), ...(await inbox.receive(10))]
  await inbox.remove(received)
  expect(await waiting()).toEqual([0, 0])
})

test('it says how many were not removed', async () => {
  await sendAll(2)
  const received = await inbox.receive(10)
  const partly: AwsCall = async (service, path, headers, body) => {
    const { Entries } = body as { Entries: { Id: string }[] }
    return Entries
      ? { Successful: [{ Id: '0' }], Failed: [{ Id: '1', Code: 'InternalError' }] }
      : call(service, path, headers, body)
  }
  await expect(sqsInbox(url, partly).remove(received)).rejects.toThrow('not removed: InternalError')
})

test('it removes the others if one request fails', async () => {
  await sendAll(20)
  const received = [...(await inbox.receive(10)), ...(await inbox.receive(10))]
  let requests = 0
  const first: AwsCall = (...request) => (requests++ === 0 ? Promise.reject(new Error('throttled')) : call(...request))
  await expect(sqsInbox(url, first).remove(received)).rejects.toThrow('not removed: Error: throttled')
  expect(await waiting()).toEqual([0, 10])
})

test('what is put there is what comes out', async () => {
  const event = { alarm: 'é\u0001\ufffe\uffff\ud800' }
  await inbox.put(event)
  const [received] = await inbox.receive(10)
  expect(received).toEqual({
    id: expect.any(String),
    receipt: expect.any(String),
    body: expect.any(String),
    sentAt: expect.any(Number),
  })
  expect(JSON.parse(received!.body)).toEqual(event)
})
