// An SQS queue as it is now.
import { queryOf, series } from '../../parts/metric.ts'
import { Refused, type Tools } from '../../runbook.ts'

export interface SqsQueue {
  name: string
  url: string
  arn: string
  /** Waiting to be received. */
  messages: number
  /** Received by consumers, and not deleted yet. */
  received: number
}

/** Messages per second that came and that were worked off, over the last five minutes; undefined where CloudWatch knows nothing of it. */
export async function ratesOf(tools: Tools, name: string): Promise<{ published?: number; acknowledged?: number }> {
  const sum = (metric: string) =>
    queryOf({ namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name }, statistic: 'Sum' }, RATE_SECONDS)
  const queries = [sum('NumberOfMessagesSent'), sum('NumberOfMessagesDeleted')]
  const [sent, deleted] = await series(tools, queries, RATE_SECONDS, 3 * RATE_SECONDS)
  return {
    ...(sent?.[0] !== undefined && { published: sent[0] / RATE_SECONDS }),
    ...(deleted?.[0] !== undefined && { acknowledged: deleted[0] / RATE_SECONDS }),
  }
}

/** CloudWatch has values of SQS every minute; five smooth them. */
const RATE_SECONDS = 300

/** Names of the queues whose dead letters go into this one. */
export async function sourcesOf({ cloud }: Pick<Tools, 'cloud'>, { url }: SqsQueue): Promise<string[]> {
  const names: string[] = []
  let NextToken: string | undefined
  do {
    const page = await cloud.call<{ queueUrls?: string[]; NextToken?: string }>('sqs', 'ListDeadLetterSourceQueues', {
      QueueUrl: url,
      MaxResults: 1000,
      ...(NextToken !== undefined && { NextToken }),
    })
    names.push(...(page.queueUrls ?? []).map((one) => one.slice(one.lastIndexOf('/') + 1)))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return names
}

export async function queueCalled({ cloud }: Pick<Tools, 'cloud'>, name: string): Promise<SqsQueue> {
  const { QueueUrl: url } = await cloud.call<{ QueueUrl?: string }>('sqs', 'GetQueueUrl', { QueueName: name })
  if (url === undefined) throw new Refused(`there is no queue ${name}`)
  const { Attributes: told = {} } = await cloud.call<{ Attributes?: Record<string, string> }>(
    'sqs',
    'GetQueueAttributes',
    {
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    },
  )
  return {
    name,
    url,
    arn: told['QueueArn'] ?? '',
    messages: Number(told['ApproximateNumberOfMessages'] ?? 0),
    received: Number(told['ApproximateNumberOfMessagesNotVisible'] ?? 0),
  }
}
