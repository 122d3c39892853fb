// When Slack is in trouble: the queue keeps what failed for a minute, so the function itself has to try again, soon.
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import type { PretendSlack } from '../../local/slack/index.ts'
import { alarmEvent } from '../support/alarms.ts'
import { depth } from '../support/aws.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import type { World } from './world.ts'

/** Well below the queue's visibility timeout. */
const SOON_SECONDS = 20

const TROUBLES: [does: string, service: string, begin: (slack: PretendSlack) => void][] = [
  [
    'answers 503 three times',
    'till',
    (slack) => slack.answer('chat.postMessage', ...Array.from({ length: 3 }, () => ({ status: 503, body: 'down' }))),
  ],
  ['takes a message and drops the connection', 'cart', (slack) => slack.drop('chat.postMessage')],
  [
    'says rate_limited',
    'stock',
    (slack) => slack.answer('chat.postMessage', { body: { ok: false, error: 'rate_limited' } }),
  ],
  [
    'refuses the channel for a moment',
    'search',
    (slack) => slack.answer('chat.postMessage', { body: { ok: false, error: 'not_in_channel' } }),
  ],
]

export const troubling: Step<World>[] = TROUBLES.map(([does, service, begin]) => ({
  does: `Slack ${does}: the message is there seconds later, once`,
  async run({ aws, outputs, slack }) {
    const alarm = {
      name: `${service} errors`,
      namespace: 'Shop',
      metric: 'Errors',
      dimensions: { service },
      threshold: 5,
    }
    begin(slack)
    const began = Date.now()
    const MessageBody = JSON.stringify(alarmEvent(alarm, 50))
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: outputs.IntakeQueueUrl, MessageBody }))
    const mine = async () => (await slack.messages()).filter(({ text }) => text.includes(service))
    await eventually('its message', async () => ((await mine()).length > 0 ? true : undefined))
    const seconds = (Date.now() - began) / 1000
    check(seconds < SOON_SECONDS, `it took ${seconds} s`)
    // Whoever does not know that it has arrived would send it again by now.
    await eventually('nothing is left to tell', async () =>
      (await depth(aws, outputs.NoticesQueueUrl)) === 0 ? true : undefined,
    )
    same('messages about it', (await mine()).length, 1)
    same('notices that were given up', await depth(aws, outputs.NoticesDeadLettersUrl), 0)
    return `after ${seconds.toFixed(1)} s`
  },
}))
