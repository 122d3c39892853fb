// An SQS queue as it is now.
import { NEWEST_WITHIN_SECONDS, PERIOD_SECONDS, queryOf, series } from '../../parts/metric.ts'
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

/**
 * Messages per second that came and that were worked off; undefined where CloudWatch knows nothing of it, or nobody receives anything now. What is
 * worked off is that of the slowest of the last minutes: consumers that have just stopped did well before.
 */
export async function ratesOf(
  tools: Tools,
  { name, received }: Pick<SqsQueue, 'name' | 'received'>,
): Promise<{ published?: number; acknowledged?: number }> {
  const sum = (metric: string) =>
    queryOf({ namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name }, statistic: 'Sum' })
  const queries = [sum('NumberOfMessagesSent'), sum('NumberOfMessagesDeleted')]
  const found = await series(tools, queries, PERIOD_SECONDS, NEWEST_WITHIN_SECONDS)
  const [sent, deleted] = found.map((values) => values.slice(0, RATE_MINUTES)) as [number[], number[]]
  return {
    ...(sent.length > 0 && { published: sent.reduce((sum, value) => sum + value, 0) / sent.length / PERIOD_SECONDS }),
    ...(deleted.length > 0 && received > 0 && { acknowledged: Math.min(...deleted) / PERIOD_SECONDS }),
  }
}

/** CloudWatch has values of SQS every minute. */
const RATE_MINUTES = 3

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
