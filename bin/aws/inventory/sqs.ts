// SQS queues; one that catches another's dead letters belongs to that one.
import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false }))

/** How many are asked about at the same time. */
const AT_ONCE = 10

interface Queue {
  name: string
  url: string
  arn: string
  deadLettersArn: string | undefined
}

export async function queues(): Promise<Found[]> {
  const urls: string[] = []
  for await (const { QueueUrls = [] } of paginateListQueues({ client: client(), pageSize: 1000 }, {}))
    urls.push(...QueueUrls)
  const all: Queue[] = []
  for (let i = 0; i < urls.length; i += AT_ONCE)
    all.push(...(await Promise.all(urls.slice(i, i + AT_ONCE).map(queueAt))))
  const catchers = new Set(all.map(({ deadLettersArn }) => deadLettersArn))
  return all.filter(({ arn }) => !catchers.has(arn)).map(foundOf)
}

async function queueAt(url: string): Promise<Queue> {
  const { Attributes = {} } = await client().send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn', 'RedrivePolicy'] }),
  )
  const { deadLetterTargetArn } = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as { deadLetterTargetArn?: string }
  return { name: url.split('/').at(-1)!, url, arn: Attributes['QueueArn'] ?? '', deadLettersArn: deadLetterTargetArn }
}

function foundOf({ name, url, arn, deadLettersArn }: Queue): Found {
  const deadLetters = deadLettersArn?.split(':').at(-1)
  return {
    id: name,
    kind: 'queue',
    what: 'SQS queue',
    suffix: 'queue',
    alarms: [name, ...(deadLetters === undefined ? [] : [deadLetters])].map((QueueName) => ({
      dimensions: { QueueName },
    })),
    target: { sqs: { queue: name, ...(deadLetters !== undefined && { deadLetters }) } },
    aliases: [name, url, arn],
    uses: [],
  }
}
