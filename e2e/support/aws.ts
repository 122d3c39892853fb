// AWS as a person with the SDK sees it: what is deployed, queried from the outside.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECSClient } from '@aws-sdk/client-ecs'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsClient } from 'aws4fetch'
import { dynamoTable } from '../../lambda/adapters/dynamodb.ts'
import type { Board } from '../../lambda/core/incident/board.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { readBoard as readStored } from '../../lambda/store/board.ts'
import type { OutputName } from '../../lib/outputs.ts'
import { REGION } from '../ministack/start.ts'

export type Outputs = Record<OutputName, string>

export function clients(endpoint: string) {
  const signer = new AwsClient({ accessKeyId: 'test', secretAccessKey: 'test', retries: 0 })
  const options = { endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  return {
    cloudFormation: new CloudFormationClient(options),
    cloudWatch: new CloudWatchClient(options),
    logs: new CloudWatchLogsClient(options),
    dynamo: new DynamoDBClient(options),
    ecs: new ECSClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    secrets: new SecretsManagerClient(options),
    sns: new SNSClient(options),
    sqs: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
    /** One signed request, where a client would serve for one call only. Returns the answer's text. */
    async call(service: string, headers: Record<string, string>, body: string): Promise<string> {
      const answer = await signer.fetch(endpoint, { method: 'POST', headers, body, aws: { service, region: REGION } })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${service}: ${text}`)
      return text
    },
  }
}

export type Aws = ReturnType<typeof clients>

export const STACK = 'Tocsin'

export async function outputsOf({ cloudFormation }: Aws): Promise<Outputs> {
  const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }))
  const found: Record<string, string> = {}
  for (const { OutputKey = '', OutputValue = '' } of stack?.Outputs ?? []) found[OutputKey] = OutputValue
  return found as Outputs
}

/** What is open, as stored in the table. */
export const readBoard = (aws: Aws, TableName: string): Promise<Board> => readStored(tableOf(aws, TableName))

export const tableOf = ({ dynamo }: Aws, TableName: string): Table => dynamoTable(TableName, dynamo)

export async function depth({ sqs }: Aws, QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }))
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
}

/** Lines of a function's log that contain `words`. */
export async function logged({ logs }: Aws, logGroupName: string, words: string): Promise<string[]> {
  const found: string[] = []
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName }))
    found.push(...events.map(({ message = '' }) => message).filter((message) => message.includes(words)))
  return found
}
