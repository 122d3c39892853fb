// 0.1.0 is deployed, with an incident open, a timer waiting and a run under way; then this version is deployed over it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  InvokeCommand,
  ListDurableExecutionsByFunctionCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda'
import { findRun } from '../../lambda/core/remediate/runs.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import { createAlarm, report, type TestAlarm } from '../support/alarms.ts'
import { outputsOf, readBoard, STACK, tableOf, type Aws } from '../support/aws.ts'
import { succeeds } from '../support/commands.ts'
import { BOT_TOKEN, SIGNING_SECRET } from '../support/slack.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { LATENCY, shows } from './alarming.ts'
import { click } from './clicking.ts'
import { deploy } from './deploying.ts'
import { reach, type World } from './world.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', 'test', 'fixtures', '0.1.0')

/** As in the config that was deployed. */
const ESCALATE_SECONDS = 180
const FIX = 'fix-mail'
/** Longer than the deployment takes: the old run waits while its function is replaced. */
const AGAIN_SECONDS = 100

/** Never done: it asks to be asked again, and counts. */
const FIX_CODE = `
let asked = 0
exports.handler = async ({ phase }) => {
  if (phase === undefined) return asked
  if (phase === 'look') return { found: 'two mails are stuck' }
  asked++
  return { going: '1 of 2', againInSeconds: ${AGAIN_SECONDS}, state: {} }
}`

const MAIL: TestAlarm = {
  name: 'mail errors',
  namespace: 'Shop',
  metric: 'Errors',
  dimensions: { service: 'mail' },
  threshold: 2,
}

const BOARD = { pk: 'BOARD', sk: 'BOARD' }

const askedSoFar = async ({ lambda }: Aws): Promise<number> => {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: FIX, Payload: '{}' }))
  return JSON.parse(new TextDecoder().decode(Payload)) as number
}

async function runOf({ aws, outputs }: World): Promise<Run> {
  const found = findRun(await readBoard(aws, outputs.TableName), 'INC-0002-1')
  check(found !== undefined, 'there is no such run')
  return found.run
}

/** How each execution of a function stands, whichever version it began with. */
async function executionsOf({ lambda }: Aws, FunctionName: string): Promise<string[]> {
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }))
  const found: string[] = []
  for (const { Version } of Versions) {
    const { DurableExecutions = [] } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({ FunctionName, Qualifier: Version }),
    )
    for (const { DurableExecutionName, Status } of DurableExecutions) found.push(`${DurableExecutionName} ${Status}`)
  }
  return found.toSorted()
}

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
      await makeFix(world.aws)
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
      return (await executionsOf(aws, `${STACK}-escalate`)).join('\n')
    },
  },
  {
    does: 'and a run is under way: it waits for its function to go on',
    async run(world) {
      const { aws, slack, messages } = world
      await createAlarm(aws, MAIL)
      await report(aws, MAIL.name, 9, 'ALARM')
      messages['INC-0002'] = await eventually('its message', async () => {
        const found = await slack.messages()
        return found.find(({ text }) => text.includes('INC-0002'))?.ts
      })
      await eventually(
        'the run acts',
        async () => ((await runOf(world)).steps[0]?.text === '1 of 2' ? true : undefined),
        60,
      )
      same('how often it was asked to act', await askedSoFar(aws), 1)
      return (await runOf(world)).status
    },
  },
  {
    does: 'this version is deployed over it',
    async run(world) {
      await deploy(world)
      return (await executionsOf(world.aws, `${STACK}-escalate`)).join('\n')
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
            ...(await executionsOf(aws, `${STACK}-escalate`)),
            ...(await executionsOf(aws, `${STACK}-invoke-function`)),
          ]
          const waiting = all.filter((one) => !/ (SUCCEEDED|FAILED)$/.test(one) && !one.startsWith('#'))
          if (waiting.length === 0) return all
          throw new Error(waiting.join(', '))
        },
        AGAIN_SECONDS + 60,
      )
      check(!executions.some((one) => one.endsWith('FAILED')), executions.join('\n'))
      same('how often the function was asked to act', await askedSoFar(aws), 1)
      same('the old board', await tableOf(aws, outputs.TableName).get(BOARD), before)
      same('messages', (await slack.messages()).length, 2)
      const calls = (await slack.replies(messages['INC-0001']!)).filter(({ text }) => text.includes('<@U0BEN>'))
      same('calls', calls.length, 1)
      return executions.join('\n')
    },
  },
]

/** A function of the user's, which the runbook asks. */
async function makeFix({ cloudFormation }: Aws): Promise<void> {
  const StackName = 'Fix'
  const TemplateBody = JSON.stringify({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: FIX,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { ZipFile: FIX_CODE },
        },
      },
    },
  })
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }))
  await eventually('the function is made', async () => {
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }))
    return stack?.StackStatus === 'CREATE_COMPLETE' || undefined
  })
}
