// Clicks: one that Slack signed acts; others change nothing.
import { deliver } from '../../local/slack/people/deliver.ts'
import { readBoard } from '../support/aws.ts'
import { ANA, CHANNEL, SIGNING_SECRET } from '../support/slack.ts'
import { check, same, type Step } from '../support/steps.ts'
import { shows } from './alarming.ts'
import type { World } from './world.ts'

/** Ana presses a button in the incident's message. */
export async function click({ slack, messages }: World, incident: string, actionId: string): Promise<void> {
  const pressed = {
    userId: ANA,
    channel: CHANNEL.id,
    ts: messages[incident]!,
    blockId: `incident:${incident}`,
    actionId,
  }
  const { ok, error } = await slack.act(pressed)
  check(ok, `the click was answered with: ${error}`)
}

const FORGED = {
  type: 'block_actions',
  user: { id: 'U0EVE', name: 'eve' },
  actions: [{ type: 'button', action_id: 'resolve', block_id: 'incident:INC-0001' }],
}
const MINUTE_MS = 60_000

export const clicking: Step<World>[] = [
  {
    does: 'a click on Acknowledge, signed by Slack, acts',
    async run(world) {
      await click(world, 'INC-0001', 'acknowledge')
      return shows(world.slack, world.messages['INC-0001']!, /acknowledged by ana/i)
    },
  },
  {
    does: 'a forged click, and one that is ten minutes old, get 401 and change nothing',
    async run({ aws, outputs, functionUrl }) {
      const before = await readBoard(aws, outputs.TableName)
      const now = Date.now()
      for (const [secret, at] of [
        ['not the secret', now],
        [SIGNING_SECRET, now - 10 * MINUTE_MS],
      ] as const) {
        const answer = await deliver(functionUrl, secret, at, FORGED)
        same('the answer', answer, { ok: false, error: 'This app responded with Status Code 401.' })
      }
      const { status, acknowledged } = (await readBoard(aws, outputs.TableName)).incidents['INC-0001']!
      same('the status', status, 'acknowledged')
      same('who is on it', acknowledged, before.incidents['INC-0001']!.acknowledged)
    },
  },
]
