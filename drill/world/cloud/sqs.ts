// SQS: messages are received, hidden for a while, and deleted. Nothing is moved from one queue to another here.
import { Refused } from '../../../lambda/ports/tools.ts'
import { chance, seedOf } from '../chance.ts'
import { bodyOf } from '../ports/broker.ts'
import type { SimulatedSqs } from '../broker/sqs.ts'
import { lastOf, number, records, text, type Api, type Input, type Place } from './api.ts'

/** Messages that one queue may hide at once. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const HIDDEN_MOST = 120_000
const RECEIVED_MOST = 10
const VISIBILITY_SECONDS = 30

export function sqs({ world, arn, date }: Place): Api {
  let polls = 0
  const find = (name: string): SimulatedSqs => {
    const queue = world.sqs.get(name)
    if (!queue) throw new Refused(`QueueDoesNotExist: there is no queue ${name}`)
    return queue
  }
  const named = (input: Input): SimulatedSqs => find(lastOf(text(input, 'QueueUrl')))
  const batch = (input: Input): Input[] => {
    const entries = records(input, 'Entries')
    if (entries.length === 0) throw new Refused('EmptyBatchRequest: there are no entries')
    if (entries.length > RECEIVED_MOST) throw new Refused('TooManyEntriesInBatchRequest: ten are the most')
    return entries
  }
  return {
    GetQueueUrl(input) {
      const { name } = find(text(input, 'QueueName'))
      return { QueueUrl: `https://sqs.${world.plan.region}.amazonaws.com/${world.plan.account}/${name}` }
    },
    GetQueueAttributes(input) {
      const { name, queue } = named(input)
      return {
        Attributes: {
          QueueArn: arn('sqs', name),
          ApproximateNumberOfMessages: String(queue.ready.length),
          ApproximateNumberOfMessagesNotVisible: String(queue.messages() - queue.ready.length),
          VisibilityTimeout: String(VISIBILITY_SECONDS),
        },
      }
    },
    ReceiveMessage(input) {
      const simulated = named(input)
      const { name, queue } = simulated
      const most = number(input, 'MaxNumberOfMessages') ?? 1
      if (most < 1 || most > RECEIVED_MOST) throw new Refused('MaxNumberOfMessages must be from 1 to 10')
      if (queue.messages() - queue.ready.length >= HIDDEN_MOST) throw new Refused('OverLimit: too many are in flight')
      // It may always give fewer than there are.
      const some = 1 + Math.floor(chance(seedOf(world.plan.seed, name), ++polls) * most)
      const seconds = number(input, 'VisibilityTimeout') ?? VISIBILITY_SECONDS
      const received = simulated.receive(polls % 3 === 0 ? some : most, world.second + seconds)
      return {
        Messages: received.map(({ n, receipt, receives }) => ({
          MessageId: `${name}/${n}`,
          ReceiptHandle: receipt,
          Body: bodyOf(queue, n),
          Attributes: {
            ApproximateReceiveCount: String(receives),
            SentTimestamp: String(date(queue.ledger.bornAt[n]!).getTime()),
          },
        })),
      }
    },
    DeleteMessageBatch(input) {
      const simulated = named(input)
      const entries = batch(input)
      const isDeleted = entries.map((entry) => simulated.delete(text(entry, 'ReceiptHandle')))
      if (world.incurable) simulated.refill(isDeleted.filter(Boolean).length, world.second)
      const told = (deleted: boolean) => entries.filter((_, place) => isDeleted[place] === deleted)
      return {
        Successful: told(true).map((entry) => ({ Id: text(entry, 'Id') })),
        Failed: told(false).map((entry) => ({
          Id: text(entry, 'Id'),
          SenderFault: true,
          Code: 'ReceiptHandleIsInvalid',
          Message: 'somebody has received it again',
        })),
      }
    },
    ListDeadLetterSourceQueues: (input) => (named(input), { queueUrls: [] }),
  }
}
