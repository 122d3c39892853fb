// The whole of Tocsin on this machine: the real handlers on the emulators, a fake Slack, and what a deployment would have wired.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { INTAKE, NOTIFY } from '../lambda/core/facts/queues.ts'
import type { Config } from '../lambda/core/services/config.ts'
import type { Table } from '../lambda/ports/table.ts'
import { startCloud, type Cloud } from './cloud.ts'
import { isRun, NOTHING_OUTSIDE, runner, type Outside } from './runs.ts'
import { serveQueue } from './functions.ts'
import { channelsOf } from '../lambda/core/services/teams.ts'
import { createSlack, type Channel, type PretendSlack } from './slack/index.ts'
import { APP_ID, TEAM } from './slack/workspace.ts'

export interface LocalTocsin {
  slack: PretendSlack
  cloud: Cloud
  table: Table
  /** Restarts the functions with another config and outside for their runbooks, as after a deployment. */
  deploy(config: Config, outside?: Outside): Promise<void>
  /** Forgets everything, once what is in flight has finished. */
  reset(): Promise<void>
  /** An alarm event over both EventBridge and SNS, as an account that uses both sends it. */
  send(event: object): Promise<void>
  close(): Promise<void>
}

const SIGNING_SECRET = 'the pretend Slack signs with this'
const BOT_TOKEN = 'xoxb-pretend'

/** `slackUrl`: where the fake Slack will be served. Handler errors go to `onError`; the queues deliver again. */
export async function startTocsin(config: Config, onError: (error: unknown) => void): Promise<LocalTocsin> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  const configFile = join(folder, 'config.json')
  writeFileSync(configFile, JSON.stringify(config))

  let start: (functionArn: string, payload: unknown) => void = () => undefined
  const cloud = await startCloud({
    secret: { botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, installation: { app: APP_ID, team: TEAM.id } },
    start: (functionArn, _name, payload) => start(functionArn, payload),
  })
  const functionUrl = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const event = {
        headers: request.headers,
        body: Buffer.concat(chunks).toString('base64'),
        isBase64Encoded: true,
      } as unknown as LambdaFunctionURLEvent
      handlers.respond(event).then(
        (answer) =>
          response.writeHead(answer.statusCode ?? 200, answer.headers as Record<string, string>).end(answer.body),
        (error: unknown) => {
          onError(error)
          response.writeHead(502).end('Internal Server Error')
        },
      )
    })
  })
  const slack = createSlack({
    token: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    interactivityUrl: () => `http://127.0.0.1:${(functionUrl.address() as AddressInfo).port}/`,
    channels: channelsIn(config),
  })
  const web = createServer((request, response) => void slack.handleApi(request, response))
  await Promise.all(
    [functionUrl, web].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  )

  Object.assign(process.env, cloud.environment, {
    TOCSIN_CONFIG: configFile,
    TOCSIN_SLACK_API_URL: `http://127.0.0.1:${(web.address() as AddressInfo).port}/api/`,
  })
  // Not before now: handlers read their environment when they are loaded, as in Lambda.
  const [{ handler: escalate }, runtime] = await Promise.all([
    import('../lambda/entry/escalate.ts'),
    import('../lambda/runtime.ts'),
    // Otherwise loaded with the first message, while somebody watches.
    import('@slack/web-api'),
  ])
  let handlers = await load(0)
  let world = 0
  const runnerOf = (outside: Outside) => {
    const mine = ++world
    return runner(runtime, outside, () => world === mine)
  }
  let outsideNow = NOTHING_OUTSIDE
  let runbooks = runnerOf(outsideNow)
  await LocalDurableTestRunner.setupTestEnvironment()
  start = (functionArn, payload) =>
    void (
      isRun(payload)
        ? runbooks(functionArn, payload)
        : new LocalDurableTestRunner({ handlerFunction: escalate }).run({ payload })
    ).catch(onError)

  const stops = [
    serveQueue(cloud.intakeUrl, (event) => handlers.intake(event), INTAKE, onError),
    serveQueue(
      cloud.noticesUrl,
      (event) => handlers.notify(event, { getRemainingTimeInMillis: () => NOTIFY.timeoutSeconds * 1000 }),
      NOTIFY,
      onError,
    ),
  ]
  let version = 0
  const [sns, sqs] = [new SNSClient({}), new SQSClient({})]
  const onTheirWay = new Set<Promise<unknown>>()
  return {
    slack,
    cloud,
    table: runtime.table(),
    async deploy(next, outside = NOTHING_OUTSIDE) {
      writeFileSync(configFile, JSON.stringify(next))
      slack.setChannels(channelsIn(next))
      handlers = await load(++version)
      outsideNow = outside
      runbooks = runnerOf(outside)
    },
    async send(event) {
      const body = JSON.stringify(event)
      const sending = Promise.all([
        sqs.send(new SendMessageCommand({ QueueUrl: cloud.intakeUrl, MessageBody: body })),
        sns.send(new PublishCommand({ TopicArn: cloud.topicArn, Message: body })),
      ])
      onTheirWay.add(sending)
      await sending.finally(() => onTheirWay.delete(sending))
    },
    async reset() {
      runbooks = runnerOf(outsideNow)
      await Promise.allSettled(onTheirWay)
      await queuesAreEmpty(sqs, [cloud.intakeUrl, cloud.noticesUrl])
      await cloud.wipe()
      slack.clear()
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()))
      for (const server of [functionUrl, web]) {
        server.closeAllConnections()
        server.close()
      }
      await LocalDurableTestRunner.teardownTestEnvironment()
      await cloud.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Every channel that the config names, as Slack would know it. */
const channelsIn = (config: Config): Channel[] =>
  channelsOf(config).map((channel) => {
    const name = channel.replace(/^#/, '')
    return { id: `C0${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`, name }
  })

/** A new version of each function is a new process: it reads its config when it is loaded. */
async function load(version: number) {
  const entry = async <T>(name: string): Promise<T> => (await import(`../lambda/entry/${name}.ts?${version}`)) as T
  const [intake, notify, respond] = await Promise.all([
    entry<typeof import('../lambda/entry/intake.ts')>('intake'),
    entry<typeof import('../lambda/entry/notify.ts')>('notify'),
    entry<typeof import('../lambda/entry/respond.ts')>('respond'),
  ])
  return { intake: intake.handler, notify: notify.handler, respond: respond.handler }
}

/** Nothing is waiting or being worked on. Gives up after a while: what Slack refuses can take long. */
async function queuesAreEmpty(sqs: SQSClient, urls: readonly string[]): Promise<void> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  for (let tries = 0; tries < 50; tries++) {
    const answers = await Promise.all(
      urls.map((QueueUrl) =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] })),
      ),
    )
    if (answers.every(({ Attributes = {} }) => AttributeNames.every((name) => Attributes[name] === '0'))) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
