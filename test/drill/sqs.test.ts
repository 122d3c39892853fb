// SQS in the simulated world: what is received comes back unless it is deleted, and it gives and refuses as SQS does.
import { countMessages } from '../../drill/count.ts'
import { apisOf } from '../../drill/world/ports/cloud.ts'
import { simulate, type SimulatedWorld } from '../../drill/world/world.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { planOf, runFor } from './worlds.ts'

const URL_OF = { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/jobs' }

interface Given {
  MessageId: string
  ReceiptHandle: string
  Body: string
  Attributes: { ApproximateReceiveCount: string }
}

function jobs(messagesAtStart: number): { world: SimulatedWorld; call(action: string, input?: object): never } {
  const world = simulate(
    planOf({
      sqs: { jobs: { messagesAtStart, consumers: 0, messageBytes: 200 } },
      alarms: { one: { namespace: 'T', metric: 'One', measures: { sqs: 'jobs', value: 'ready' }, threshold: 1e9 } },
    }),
  )
  const { sqs } = apisOf(world)
  return { world, call: (action, input = {}) => sqs[action]!({ ...URL_OF, ...input }) as never }
}
const receive = ({ call }: Pick<ReturnType<typeof jobs>, 'call'>, most = 10, VisibilityTimeout = 30): Given[] =>
  (call('ReceiveMessage', { MaxNumberOfMessages: most, VisibilityTimeout }) as { Messages: Given[] }).Messages
const deleting = (given: Given[]) => ({
  Entries: given.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle })),
})

test('what is received is invisible, and comes back when its time is over', () => {
  const here = jobs(3)
  expect(receive(here).map(({ MessageId }) => MessageId)).toEqual(['jobs/0', 'jobs/1', 'jobs/2'])
  expect(receive(here)).toEqual([])
  runFor(here.world, 29)
  expect(receive(here)).toEqual([])
  runFor(here.world, 1)
  expect(here.call('GetQueueAttributes')).toMatchObject({
    Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '0' },
  })
  expect(receive(here)[0]!.Attributes.ApproximateReceiveCount).toBe('2')
})

test('what is deleted is gone, and counted as worked off; without a copy it is lost', () => {
  const here = jobs(3)
  expect(here.call('DeleteMessageBatch', deleting(receive(here, 2)))).toMatchObject({ Failed: [] })
  runFor(here.world, 40)
  expect(here.world.sqs.get('jobs')!.queue.messages()).toBe(1)
  expect(countMessages(here.world, [])).toMatchObject({ published: 3, lost: 2 })
  const body = Buffer.from(JSON.stringify({ message: 'jobs/0' }).padEnd(here.world.sqs.get('jobs')!.queue.sizeOf(0)))
  const copy = JSON.stringify({ body: body.toString('base64'), properties: { messageId: 'jobs/0' } })
  expect(countMessages(here.world, [copy])).toMatchObject({ kept: 1, lost: 1 })
})

test('an old receipt deletes nothing once somebody has received the message again', () => {
  const here = jobs(1)
  const [old] = [receive(here)]
  runFor(here.world, 31)
  receive(here)
  expect(here.call('DeleteMessageBatch', deleting(old))).toMatchObject({ Successful: [], Failed: [{ Id: '0' }] })
  runFor(here.world, 31)
  expect(here.world.sqs.get('jobs')!.queue.messages()).toBe(1)
})

test('gives fewer than it could now and then', () => {
  const here = jobs(1000)
  const sizes = Array.from({ length: 30 }, () => receive(here).length)
  expect(Math.max(...sizes)).toBe(10)
  expect(Math.min(...sizes)).toBeLessThan(10)
})

test.each([
  ['a queue that is not there', 'GetQueueUrl', { QueueName: 'jbos' }],
  ['more than ten at once', 'ReceiveMessage', { MaxNumberOfMessages: 11 }],
  ['an empty batch', 'DeleteMessageBatch', { Entries: [] }],
  [
    'a batch of eleven',
    'DeleteMessageBatch',
    { Entries: Array.from({ length: 11 }, () => ({ Id: '0', ReceiptHandle: '0#1' })) },
  ],
])('refuses %s', (_, action, input) => {
  expect(() => jobs(1).call(action, input)).toThrow(Refused)
})
