// What could not be processed is not lost: it is kept and reported, and can be sent again.
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { alarmEvent, type TestAlarm } from '../support/alarms.ts'
import { depth } from '../support/aws.ts'
import { succeeds } from '../support/commands.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { shows } from './alarming.ts'
import type { World } from './world.ts'

const UNREADABLE = 'disk full on shop-db-1 {'

const MAIL: TestAlarm = {
  name: 'mail errors',
  namespace: 'Shop',
  metric: 'Errors',
  dimensions: { service: 'mail' },
  threshold: 5,
}

const deadLetters = ({ aws, outputs }: World, wanted: number): Promise<boolean> =>
  eventually(`${wanted} dead letters`, async () => {
    const seen = await depth(aws, outputs.IntakeDeadLettersUrl)
    if (seen === wanted) return true
    throw new Error(`there are ${seen}`)
  })

export const letters: Step<World>[] = [
  {
    does: 'a message that is no JSON ends in the dead letters and is told in Slack',
    async run(world) {
      const { aws, slack, outputs, messages } = world
      const before = (await slack.messages()).length
      await aws.sqs.send(new SendMessageCommand({ QueueUrl: outputs.IntakeQueueUrl, MessageBody: UNREADABLE }))
      await deadLetters(world, 1)
      const told = await eventually('a message in Slack', async () =>
        (await slack.messages()).find(({ text }) => text.includes('could not be read')),
      )
      messages['unreadable'] = told.ts
      same('new messages', (await slack.messages()).length - before, 1)
      return told.text
    },
  },
  {
    does: 'tocsin redrive shows it and sends it again; it still cannot be read, comes back, and the same message counts it',
    async run(world) {
      const { said } = await succeeds('tocsin redrive', world.tocsin(['redrive', '--queue', 'intake', '--yes']))
      check(said.includes(UNREADABLE), `redrive does not show the message:\n${said}`)
      const text = await shows(world.slack, world.messages['unreadable']!, /2 messages/)
      await deadLetters(world, 1)
      return `${said}\n${text}`
    },
  },
  {
    does: 'tocsin redrive --discard deletes it',
    async run(world) {
      await succeeds('tocsin redrive', world.tocsin(['redrive', '--queue', 'intake', '--discard', '--yes']))
      await deadLetters(world, 0)
    },
  },
  {
    does: 'an alarm that was given up on is sent again by tocsin redrive, and becomes an incident',
    async run(world) {
      const { aws, outputs, slack, messages } = world
      const MessageBody = JSON.stringify(alarmEvent(MAIL, 120))
      await aws.sqs.send(new SendMessageCommand({ QueueUrl: outputs.IntakeDeadLettersUrl, MessageBody }))
      await succeeds('tocsin redrive', world.tocsin(['redrive', '--queue', 'intake', '--yes']))
      const message = await eventually('its message', async () =>
        (await slack.messages()).find(({ text }) => text.includes('INC-0002')),
      )
      messages['INC-0002'] = message.ts
      await deadLetters(world, 0)
      return message.text
    },
  },
]
