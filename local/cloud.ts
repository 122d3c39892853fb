// The parts of AWS that the handlers talk to, on this machine: DynamoDB (dynalite), SNS and SQS (fauxqs), and the two small ones below.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import dynalite from 'dynalite'
import { buildApp } from 'fauxqs'
import { VISIBILITY_SECONDS } from '../lambda/core/facts/queues.ts'

export interface Cloud {
  /** What to set in the environment so that every SDK client and handler finds it. */
  environment: Record<string, string>
  intakeUrl: string
  noticesUrl: string
  deadLettersUrl: string
  topicArn: string
  /** Empties the table. */
  wipe(): Promise<void>
  close(): Promise<void>
}

export interface CloudOptions {
  secret: object
  /** Starts a durable execution by name; a name that was used is refused, as in Lambda. `functionArn`: with its alias. */
  start(functionArn: string, name: string, payload: unknown): void
}

const TABLE = 'tocsin'

export async function startCloud({ secret, start }: CloudOptions): Promise<Cloud> {
  // The SDKs read these as soon as a client is made.
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' })
  /** Names of durable executions. */
  const started = new Set<string>()
  const [queues, database, rest] = await Promise.all([
    startQueues(),
    listen(dynalite({ createTableMs: 0 })),
    listen(theRest(secret, start, started)),
  ])
  const [databaseUrl, restUrl] = [urlOf(database), urlOf(rest)]
  const [sqs, sns] = [new SQSClient({ endpoint: queues.url }), new SNSClient({ endpoint: queues.url })]
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))
    // The host name in the emulator's own addresses resolves nowhere; the path is what names the queue.
    return new URL(new URL(QueueUrl!).pathname, queues.url).href
  }
  const VisibilityTimeout = String(VISIBILITY_SECONDS)
  const [intakeUrl, noticesUrl, deadLettersUrl] = await Promise.all([
    queue('tocsin-intake', { VisibilityTimeout }),
    queue('tocsin-notify.fifo', { FifoQueue: 'true', VisibilityTimeout }),
    queue('tocsin-dead-letters'),
  ])
  const { TopicArn: topicArn } = await sns.send(new CreateTopicCommand({ Name: 'tocsin-alarms' }))
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn!,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:tocsin-intake',
    }),
  )
  const client = new DynamoDBClient({ endpoint: databaseUrl })
  await createTable(client)

  return {
    intakeUrl,
    noticesUrl,
    deadLettersUrl,
    topicArn: topicArn!,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_SNS: queues.url,
      AWS_ENDPOINT_URL_LAMBDA: restUrl,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: restUrl,
      TOCSIN_TABLE: TABLE,
      TOCSIN_NOTICES_URL: noticesUrl,
      TOCSIN_INTAKE_URL: intakeUrl,
      TOCSIN_DEAD_LETTERS_URL: deadLettersUrl,
      TOCSIN_RUNS_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:tocsin-run-*:live',
      TOCSIN_TIMERS_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:tocsin-escalate:live',
      TOCSIN_SLACK_SECRET: 'tocsin/slack',
    },
    async wipe() {
      started.clear()
      // Item by item: whatever is running would fail if the table were gone for a moment.
      const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE, ProjectionExpression: 'pk, sk' }))
      await Promise.all(Items.map((Key) => client.send(new DeleteItemCommand({ TableName: TABLE, Key }))))
    },
    async close() {
      for (const each of [client, sqs, sns]) each.destroy()
      database.closeAllConnections()
      rest.closeAllConnections()
      await Promise.all([
        queues.close(),
        new Promise((done) => database.close(done)),
        new Promise((done) => rest.close(done)),
      ])
    },
  }
}

/** The emulator's own start would listen on every address of the machine. */
async function startQueues(): Promise<{ url: string; close(): Promise<void> }> {
  const app = buildApp({ logger: false })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => app.close() }
}

async function createTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  )
}

/** Secrets Manager's GetSecretValue and Lambda's asynchronous Invoke: all that the handlers ask of these two. */
function theRest(secret: object, start: CloudOptions['start'], started: Set<string>): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = (status: number, body: object, error?: string): void => {
        response.writeHead(status, {
          'content-type': 'application/x-amz-json-1.1',
          ...(error && { 'x-amzn-errortype': error }),
        })
        response.end(status === 202 ? undefined : JSON.stringify(body))
      }
      if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue')
        return answer(200, { Name: 'tocsin/slack', SecretString: JSON.stringify(secret) })
      const name = request.headers['x-amz-durable-execution-name']
      if (!request.url?.includes('/invocations') || typeof name !== 'string')
        return answer(400, { message: 'not known here' }, 'InvalidRequestException')
      if (started.has(name))
        return answer(409, { Message: `${name} was started already` }, 'DurableExecutionAlreadyStartedException')
      started.add(name)
      const [, functionArn = ''] = /functions\/([^/]+)\/invocations/.exec(request.url) ?? []
      start(decodeURIComponent(functionArn), name, JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'))
      return answer(202, {})
    })
  })
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const listen = (server: Server): Promise<Server> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
