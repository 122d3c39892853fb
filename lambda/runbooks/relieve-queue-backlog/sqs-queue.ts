// An SQS queue as it is now.
import { Refused, type Tools } from '../runbook.ts'

export interface SqsQueue {
  name: string
  url: string
  arn: string
  /** Waiting to be received. */
  messages: number
  /** Received by consumers, and not deleted yet. */
  received: number
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
