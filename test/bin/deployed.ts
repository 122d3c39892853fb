// A deployed stack on loopback: its queues (fauxqs) and its table (dynalite) are real, the rest of AWS answers as a healthy account does.
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs'
import dynalite from 'dynalite'
import { buildApp } from 'fauxqs'
import { dynamoTable } from '../../lambda/adapters/dynamodb.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { serveSlack, type ServedSlack } from '../support/slack.ts'
import { SCOPE_NAMES } from '../../bin/slack/scopes.ts'
import { fakeAws, Refusal, type FakeAws } from './fake-aws.ts'

export const ACCOUNT = '123456789012'
export const REGION = 'eu-central-1'
/** All that Slack knows. */
const TOKENS = ['xoxb-good', 'xoxb-typed', 'xoxb-piped']
export const SECRET = { botToken: 'xoxb-good', signingSecret: 'the signing secret' }

export type QueueName = 'intake' | 'intake-dead' | 'notices.fifo' | 'notices-dead.fifo'

export interface Deployed {
  aws: FakeAws
  slack: ServedSlack
  table: Table
  environment: Record<string, string>
  /** What the respond function answers: by default, as the real one does. */
  respond: { status: (headers: Record<string, string | string[] | undefined>) => number }
  send(queue: QueueName, body: string, more?: Partial<SendMessageCommandInput>): Promise<void>
  /** How many messages can be received now. */
  visible(queue: QueueName): Promise<number>
  /** As if nothing had been deployed or stored. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function deployed(): Promise<Deployed> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const queues = buildApp({ logger: false })
  const queuesUrl = await queues.listen({ port: 0, host: '127.0.0.1' })
  const database = await listen(dynalite({ createTableMs: 0 }))
  const [aws, slack] = await Promise.all([
    fakeAws(),
    serveSlack({ token: TOKENS, channels: [INCIDENTS], scopes: SCOPE_NAMES }),
  ])
  const respond: Deployed['respond'] = { status: believesSignatures }
  const door = await listen(
    createServer((request, response) => {
      request.resume()
      response.writeHead(respond.status(request.headers)).end()
    }),
  )
  const sqs = new SQSClient({ endpoint: queuesUrl, region: REGION, credentials, useQueueUrlAsEndpoint: false })
  const client = new DynamoDBClient({ endpoint: urlOf(database), region: REGION, credentials })
  await client.send(new CreateTableCommand(TABLE))
  const urls = Object.fromEntries(
    await Promise.all(
      (['intake', 'intake-dead', 'notices.fifo', 'notices-dead.fifo'] as const).map(async (name) => {
        const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
        const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))
        return [name, QueueUrl!]
      }),
    ),
  ) as Record<QueueName, string>
  const outputs = {
    SlackRequestUrl: `${urlOf(door)}/`,
    SlackSecretArn: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:Tocsin-Slack`,
    TableName: TABLE.TableName,
    AlarmTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:Tocsin-Alarms`,
    IntakeQueueUrl: urls.intake,
    IntakeDeadLettersUrl: urls['intake-dead'],
    NoticesQueueUrl: urls['notices.fifo'],
    NoticesDeadLettersUrl: urls['notices-dead.fifo'],
    WatchdogTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:Tocsin-Watchdog`,
  }
  const world: Deployed = {
    aws,
    slack,
    table: dynamoTable(TABLE.TableName, client),
    respond,
    environment: {
      AWS_ENDPOINT_URL_SQS: queuesUrl,
      AWS_ENDPOINT_URL_DYNAMODB: urlOf(database),
      ...elsewhere(aws.url),
      TOCSIN_SLACK_API_URL: slack.apiUrl,
    },
    async send(queue, MessageBody, more) {
      await sqs.send(new SendMessageCommand({ QueueUrl: urls[queue], MessageBody, ...more }))
    },
    async visible(queue) {
      const name = 'ApproximateNumberOfMessages'
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: urls[queue], AttributeNames: [name] }),
      )
      return Number(Attributes?.[name])
    },
    async reset() {
      for (const QueueUrl of Object.values(urls)) await sqs.send(new PurgeQueueCommand({ QueueUrl }))
      aws.asked.length = 0
      slack.calls.length = 0
      respond.status = believesSignatures
      aws.answers = healthy(outputs)
      slack.clear()
      const { Items = [] } = await client.send(
        new ScanCommand({ TableName: TABLE.TableName, ProjectionExpression: 'pk, sk' }),
      )
      await Promise.all(Items.map((Key) => client.send(new DeleteItemCommand({ TableName: TABLE.TableName, Key }))))
    },
    async close() {
      for (const each of [sqs, client]) each.destroy()
      for (const each of [database, door]) each.closeAllConnections()
      await Promise.all([aws.close(), slack.close(), queues.close(), closed(database), closed(door)])
    },
  }
  await world.reset()
  return world
}

/** None of the machine's own AWS settings may be used or even found. */
export const elsewhere = (url: string): Record<string, string> => ({
  AWS_ENDPOINT_URL_CLOUDFORMATION: url,
  AWS_ENDPOINT_URL_CLOUDWATCH: url,
  AWS_ENDPOINT_URL_STS: url,
  AWS_ENDPOINT_URL_SSM: url,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
  AWS_ENDPOINT_URL_LAMBDA: url,
  AWS_ENDPOINT_URL_SNS: url,
  AWS_ENDPOINT_URL_ECS: url,
  AWS_ENDPOINT_URL_RDS: url,
  AWS_ENDPOINT_URL_MQ: url,
  AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: url,
  AWS_ENDPOINT_URL_AUTO_SCALING: url,
  AWS_ENDPOINT_URL_XRAY: url,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_PROFILE: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  SLACK_BOT_TOKEN: '',
  SLACK_SIGNING_SECRET: '',
  NO_COLOR: '1',
})

const TABLE = {
  TableName: 'tocsin',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'S' as const },
  ],
}

export const stackWith = (outputs: Record<string, string>, status = 'CREATE_COMPLETE') => ({
  Stacks: {
    member: {
      StackId: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Tocsin/1`,
      StackName: 'Tocsin',
      StackStatus: status,
      Outputs: { member: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) },
    },
  },
})

export const NO_STACK = new Refusal('ValidationError', 'Stack with id Tocsin does not exist')

const healthy = (outputs: Record<string, string>): FakeAws['answers'] => ({
  GetCallerIdentity: { Account: ACCOUNT, Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/ana`, UserId: 'A' },
  DescribeStacks: stackWith(outputs),
  GetParameter: { Parameter: { Name: '/cdk-bootstrap/hnb659fds/version', Value: '25' } },
  GetAccountSettings: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 990 } },
  GetFunctionConfiguration: { FunctionName: 'Tocsin-escalate', DurableConfig: { ExecutionTimeout: 691200 } },
  ListDurableExecutionsByFunction: new Refusal('ResourceNotFoundException', 'Function not found', 404),
  GetSecretValue: { Name: 'Tocsin-Slack', SecretString: JSON.stringify(SECRET) },
  GetMetricStatistics: { Datapoints: [] },
  ListSubscriptionsByTopic: {
    Subscriptions: {
      member: [
        {
          Protocol: 'email',
          Endpoint: 'ops@example.com',
          SubscriptionArn: `arn:aws:sns:${REGION}:${ACCOUNT}:Tocsin-Watchdog:1`,
        },
      ],
    },
  },
})

export const INCIDENTS = { id: 'C0INCIDENTS', name: 'incidents' }

/** The channel in Slack's answer: the parts that the setup looks at. */
export const incidentsBut = (more: Record<string, boolean>) => ({
  body: { ok: true, channels: [{ ...INCIDENTS, is_member: true, is_private: false, is_archived: false, ...more }] },
})

export const whoAmI = (scopes: readonly string[]) => ({
  body: { ok: true, team: 'Tocsin', url: 'https://tocsin-local.slack.com/', user: 'tocsin' },
  headers: { 'x-oauth-scopes': scopes.join(',') },
})

/** What matters here is not the signature but that one is required: 'the signing secret' signs nothing else. */
function believesSignatures(headers: Record<string, string | string[] | undefined>): number {
  const [signature, timestamp] = [headers['x-slack-signature'], headers['x-slack-request-timestamp']]
  return signature === signatureOf(String(timestamp)) ? 200 : 401
}

const signatureOf = (timestamp: string): string =>
  `v0=${createHmac('sha256', SECRET.signingSecret).update(`v0:${timestamp}:ssl_check=1`).digest('hex')}`

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const closed = (server: Server): Promise<void> => new Promise((done) => server.close(() => done()))
const listen = (server: Server): Promise<Server> =>
  new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => done(server))
  })
