// 0.1.0 is deployed, with an incident open, a timer waiting and a run under way; then this version is deployed over it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { findRun } from '../../lambda/core/remediate/runs.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import { CreateQueueCommand, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { createAlarm, report, type TestAlarm } from '../support/alarms.ts'
import { depth, outputsOf, readBoard, STACK, tableOf, type Aws } from '../support/aws.ts'
import { succeeds } from '../support/commands.ts'
import { BOT_TOKEN, SIGNING_SECRET } from '../support/slack.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { LATENCY, shows } from './alarming.ts'
import { click } from './clicking.ts'
import { deploy } from './deploying.ts'
import { executionsOf } from './waiting.ts'
import { reach, type World } from './world.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', 'test', 'fixtures', '0.1.0')

/** As in the config that was deployed. */
const ESCALATE_SECONDS = 90
const QUEUE = 'mail'
const LATER = 'mail-later'
const MESSAGES = 5

const MAIL: TestAlarm = {
  name: 'mail errors',
  namespace: 'Shop',
  metric: 'Errors',
  dimensions: { service: 'mail' },
  threshold: 2,
}

/** This version's end in -2. */
const TIMER_OF_OLD = /^INC-\d+-\d+ /

const BOARD = { pk: 'BOARD', sk: 'BOARD' }

async function urlOf({ sqs }: Aws, QueueName: string): Promise<string> {
  return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!
}

/** How many messages are in the queue, and how many were moved out of it. */
const moved = async (aws: Aws): Promise<[left: number, later: number]> => [
  await depth(aws, await urlOf(aws, QUEUE)),
  await depth(aws, await urlOf(aws, LATER)),
]

async function backUp({ sqs }: Aws): Promise<void> {
  for (const QueueName of [QUEUE, LATER]) await sqs.send(new CreateQueueCommand({ QueueName }))
  const QueueUrl = (await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE }))).QueueUrl
  for (let n = 0; n < MESSAGES; n++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `mail ${n}` }))
}

async function runOf({ aws, outputs }: World): Promise<Run> {
  const found = findRun(await readBoard(aws, outputs.TableName), 'INC-0002-1')
  check(found !== undefined, 'there is no such run')
  return found.run
}

/** How each execution of a function stands. */
const standingOf = async (aws: Aws, functionName: string): Promise<string[]> =>
  (await executionsOf(aws, functionName)).map(({ name, status }) => `${name} ${status}`).toSorted()

export const upgrading: Step<World>[] = [
  {
    does: '0.1.0 is deployed, as it was then',
    async run(world) {
      const folder = join(dirname(world.configFile), 'assembly')
      const files = JSON.parse(
        brotliDecompressSync(readFileSync(join(FIXTURES, 'assembly.json.br'))).toString('utf8'),
      ) as Record<string, string>
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      writeFileSync(world.configFile, readFileSync(join(FIXTURES, 'deployed.json')))
      await succeeds('cdk bootstrap', world.cdk(['bootstrap', '--app', folder]))
      await succeeds('cdk deploy', world.cdk(['deploy', '--require-approval', 'never', '--app', folder]))
      world.outputs = await outputsOf(world.aws)
      await reach(world)
      const secrets = JSON.stringify({ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET })
      const connecting = world.tocsin(['slack', 'connect', '--stdin', '--yes', '--config', world.configFile], secrets)
      await succeeds('tocsin slack connect', connecting)
      await backUp(world.aws)
    },
  },
  {
    does: 'an incident is open, and its timer waits',
    async run({ aws, slack, messages }) {
      await createAlarm(aws, LATENCY)
      await report(aws, LATENCY.name, 4.3, 'ALARM')
      const [message] = await eventually('a message in Slack', async () => {
        const found = await slack.messages()
        return found.length > 0 ? found : undefined
      })
      messages['INC-0001'] = message!.ts
      return (await standingOf(aws, `${STACK}-escalate`)).join('\n')
    },
  },
  {
    does: 'and a run is under way: it has moved the messages of a queue, and waits for the alarm to recover',
    async run(world) {
      const { aws, slack, messages } = world
      await createAlarm(aws, MAIL)
      await report(aws, MAIL.name, 9, 'ALARM')
      messages['INC-0002'] = await eventually('its message', async () => {
        const found = await slack.messages()
        return found.find(({ text }) => text.includes('INC-0002'))?.ts
      })
      await eventually(
        'the run waits',
        async () => {
          const run = await runOf(world)
          if (run.status === 'verifying') return true
          throw new Error(JSON.stringify(run))
        },
        90,
      )
      same('messages, and those moved', await moved(aws), [0, MESSAGES])
      return (await runOf(world)).status
    },
  },
  {
    does: 'this version is deployed over it',
    async run(world) {
      await deploy(world)
      return (await standingOf(world.aws, `${STACK}-escalate`)).join('\n')
    },
  },
  {
    does: 'a click is the first that it hears: everything of 0.1.0 is taken over, in the same messages',
    async run(world) {
      const { slack, messages, aws, outputs } = world
      await click(world, 'INC-0002', 'acknowledge')
      await shows(slack, messages['INC-0002']!, /acknowledged by ana/i)
      same('messages in the channel', (await slack.messages()).length, 2)
      const { incidents } = await readBoard(aws, outputs.TableName)
      same(
        'what is open',
        Object.values(incidents).map(({ id, status }) => `${id} ${status}`),
        ['INC-0001 open', 'INC-0002 acknowledged'],
      )
      const board = await tableOf(aws, outputs.TableName).get(BOARD)
      same('what is left for 0.1.0', JSON.parse(board?.body ?? ''), { nextId: 1, incidents: {} })
    },
  },
  {
    does: 'the run under way is handed to a person, who is told why',
    async run(world) {
      const run = await runOf(world)
      same('its status', run.status, 'failed')
      const reply = await eventually('it says so in the thread', async () =>
        (await world.slack.replies(world.messages['INC-0002']!)).find(({ text }) =>
          text.includes('was upgraded while'),
        ),
      )
      return reply.text
    },
  },
  {
    does: 'alarms go on where they were: one that recovers ends its incident',
    async run({ aws, slack, messages }) {
      await report(aws, MAIL.name, 0, 'OK')
      return shows(slack, messages['INC-0002']!, /resolved/, 60)
    },
  },
  {
    does: `nobody acknowledges the other for ${ESCALATE_SECONDS} seconds: Ben is told, once`,
    async run({ slack, messages }) {
      const calls = async () =>
        (await slack.replies(messages['INC-0001']!)).filter(({ text }) => text.includes('<@U0BEN>'))
      const [reply] = await eventually(
        'a reply that mentions Ben',
        async () => ((await calls()).length > 0 ? calls() : undefined),
        ESCALATE_SECONDS,
      )
      return reply!.text
    },
  },
  {
    does: 'what 0.1.0 had waiting ends without a trace: no act, no message, no write',
    async run({ aws, slack, outputs, messages }) {
      const before = await tableOf(aws, outputs.TableName).get(BOARD)
      const executions = await eventually(
        'every execution of 0.1.0 has ended',
        async () => {
          const all = [
            ...(await standingOf(aws, `${STACK}-escalate`)).filter((one) => TIMER_OF_OLD.test(one)),
            ...(await standingOf(aws, `${STACK}-run-relieve-queue-backlog`)),
          ]
          const waiting = all.filter((one) => !/ (SUCCEEDED|FAILED)$/.test(one))
          if (waiting.length === 0) return all
          throw new Error(waiting.join(', '))
        },
        120,
      )
      check(!executions.some((one) => one.endsWith('FAILED')), executions.join('\n'))
      same('messages, and those moved', await moved(aws), [0, MESSAGES])
      same('the old board', await tableOf(aws, outputs.TableName).get(BOARD), before)
      same('messages', (await slack.messages()).length, 2)
      const calls = (await slack.replies(messages['INC-0001']!)).filter(({ text }) => text.includes('<@U0BEN>'))
      same('calls', calls.length, 1)
      return executions.join('\n')
    },
  },
]
