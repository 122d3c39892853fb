// A new config is deployed while an incident is open and has a timer waiting: neither is lost.
import { readBoard } from '../support/aws.ts'
import { succeeds } from '../support/commands.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { shows } from './alarming.ts'
import { click } from './clicking.ts'
import { deploy } from './deploying.ts'
import { timersOf } from './waiting.ts'
import { ESCALATE_SECONDS, writeConfig, type World } from './world.ts'

export const changing: Step<World>[] = [
  {
    does: 'cdk deploy of a changed config, with that incident open: it is still open',
    async run(world) {
      writeConfig(world.configFile, 'Mail delivery')
      await deploy(world)
      same('its status', (await readBoard(world.aws, world.outputs.TableName)).incidents['INC-0002']?.status, 'open')
    },
  },
  {
    does: `nobody acknowledges it for ${ESCALATE_SECONDS} seconds: the wait from before the deployment ends after it, and Ben is told`,
    async run({ aws, slack, messages }) {
      const reply = await eventually(
        'a reply that mentions Ben',
        async () => (await slack.replies(messages['INC-0002']!)).find(({ text }) => text.includes('<@U0BEN>')),
        ESCALATE_SECONDS + 15,
      )
      const executions = await timersOf(aws, 'INC-0002')
      check(
        executions.every(({ status }) => status !== 'FAILED'),
        `a wait was lost: ${JSON.stringify(executions)}`,
      )
      return reply.text
    },
  },
  {
    does: 'a click acts, and its message shows the new title',
    async run(world) {
      await click(world, 'INC-0002', 'acknowledge')
      await shows(world.slack, world.messages['INC-0002']!, /acknowledged by ana/)
      return shows(world.slack, world.messages['INC-0002']!, /Mail delivery/)
    },
  },
  {
    does: 'cdk diff finds nothing left to do',
    async run({ cdk, configFile }) {
      await succeeds('cdk diff', cdk(['diff', '--fail', '--context', `config=${configFile}`]))
    },
  },
]
