// Two alarms, over the two paths that alarms can take, become one incident and one message.
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { createAlarm, findAlarm, report, type TestAlarm } from '../support/alarms.ts'
import { logged, readBoard, type Aws } from '../support/aws.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { functionNamed, type World } from './world.ts'

export const LATENCY: TestAlarm = {
  name: 'shop-api latency',
  namespace: 'Shop',
  metric: 'Latency',
  dimensions: { service: 'shop-api' },
  threshold: 2,
}

/** The name that the stack gave the alarm on the database's disk. */
export const diskAlarm = async (aws: Aws): Promise<string> =>
  (await findAlarm(aws, ({ MetricName }) => MetricName === 'disk_used_percent')).AlarmName!

export const alarming: Step<World>[] = [
  {
    does: 'a disk fills, an alarm that the stack made fires: it comes by EventBridge and opens an incident',
    async run({ aws, slack, messages }) {
      await report(aws, await diskAlarm(aws), 97, 'ALARM')
      const [message] = await eventually('a message in Slack', async () => {
        const found = await slack.messages()
        return found.length > 0 ? found : undefined
      })
      messages['INC-0001'] = message!.ts
      await heard(aws, 1)
      return message!.text
    },
  },
  {
    does: 'another one comes by EventBridge and by SNS: counted once, in the same incident and message',
    async run({ aws, slack, outputs, messages }) {
      await createAlarm(aws, { ...LATENCY, actions: [outputs.AlarmTopicArn] })
      await report(aws, LATENCY.name, 4.3, 'ALARM')
      await heard(aws, 3)
      const text = await shows(slack, messages['INC-0001']!, /Shop API/)
      same('messages in the channel', (await slack.messages()).length, 1)
      return text
    },
  },
  {
    does: 'the board in the table says the same',
    async run({ aws, outputs }) {
      const { incidents } = await readBoard(aws, outputs.TableName)
      same('incidents', Object.keys(incidents), ['INC-0001'])
      const { status, firing, services, timeline } = incidents['INC-0001']!
      same('services', Object.keys(services).toSorted(), ['shop-api', 'shop-db'])
      same('alarms that fire', firing, 2)
      same('status', status, 'open')
      check(
        timeline.some(({ kind }) => kind === 'joined'),
        'the timeline does not say why the second alarm joined',
      )
      return timeline.map(({ kind, text }) => `${kind}: ${text}`).join('\n')
    },
  },
]

/** Waits until the incident's message says it; returns the message's text. */
export async function shows(slack: World['slack'], ts: string, words: RegExp, withinSeconds = 30): Promise<string> {
  let text = ''
  await eventually(
    `the message shows ${words}`,
    async () => {
      const message = (await slack.messages()).find((found) => found.ts === ts)
      text = message?.text ?? '(it is gone)'
      if (words.test(text + JSON.stringify(message?.blocks))) return true
      throw new Error(`it shows ${text}`)
    },
    withinSeconds,
  )
  return text
}

/** Waits until intake's log says that this many messages were taken in: a line for each batch. */
async function heard(aws: Aws, messages: number): Promise<void> {
  const group = await logGroupOf(aws, 'Intake')
  await eventually(`intake takes in ${messages} messages`, async () => {
    const batches = (await logged(aws, group, '"taken in"')).map((line) => JSON.parse(line) as { messages: number })
    const seen = batches.reduce((sum, batch) => sum + batch.messages, 0)
    if (seen === messages) return true
    throw new Error(`it has taken in ${seen}`)
  })
}

async function logGroupOf(aws: Aws, id: string): Promise<string> {
  const FunctionName = await functionNamed(aws, id)
  const { LoggingConfig } = await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`
}
