// Tocsin watches itself: its heartbeat passes through every stage, and its own alarms bypass it, to a plain topic.
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { ACCOUNT, REGION } from '../ministack/start.ts'
import { findAlarm } from '../support/alarms.ts'
import type { Aws } from '../support/aws.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { functionNamed, type World } from './world.ts'

/** Stands in for the mailbox. */
const MAILBOX = 'mailbox-of-the-watchdog'
const MAILBOX_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:${MAILBOX}`

async function makeMailbox({ sqs }: Aws): Promise<string> {
  const allow = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: MAILBOX_ARN,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: MAILBOX, Attributes: { Policy } }))
  return QueueUrl!
}

export const watching: Step<World>[] = [
  {
    does: 'the heartbeat passes intake, the board and notify, and makes no incident',
    async run({ aws, slack }) {
      const before = await slack.messages()
      const FunctionName = await functionNamed(aws, 'WatchdogFunction')
      const { FunctionError, Payload } = await aws.lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }))
      check(FunctionError === undefined, `the watchdog says: ${Payload?.transformToString()}`)
      same('messages', (await slack.messages()).length, before.length)
    },
  },
  {
    does: 'an alarm about Tocsin itself goes to its own topic and not to Slack',
    async run({ aws, slack, outputs }) {
      const before = await slack.messages()
      const QueueUrl = await makeMailbox(aws)
      await aws.sns.send(
        new SubscribeCommand({ TopicArn: outputs.WatchdogTopicArn, Protocol: 'sqs', Endpoint: MAILBOX_ARN }),
      )
      const { AlarmName } = await findAlarm(aws, (alarm) => /dead letters of intake/.test(alarm.AlarmName ?? ''))
      const state = { AlarmName, StateValue: 'ALARM', StateReason: 'tried from outside' } as const
      await aws.cloudWatch.send(new SetAlarmStateCommand(state))
      const mail = await eventually('a message from the topic', async () => {
        const { Messages } = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))
        return Messages?.[0]?.Body
      })
      await aws.sqs.send(new DeleteQueueCommand({ QueueUrl }))
      same('messages in Slack', (await slack.messages()).length, before.length)
      return (JSON.parse(mail) as { Subject: string }).Subject
    },
  },
  {
    does: 'no function was refused anything that it asked of AWS',
    async run({ ministack }) {
      same(
        'refused',
        ministack
          .log()
          .split('\n')
          .filter((line) => line.includes('[policies]')),
        [],
      )
    },
  },
]
