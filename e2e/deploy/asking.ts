// The commands that a person on call runs against the deployment.
import { succeeds } from '../support/commands.ts'
import { check, same, type Step } from '../support/steps.ts'
import type { World } from './world.ts'

export const asking: Step<World>[] = [
  {
    does: 'tocsin status says what is open',
    async run({ tocsin, configFile }) {
      const { stdout } = await succeeds('tocsin status', tocsin(['status', '--json', '--config', configFile]))
      const { incidents } = JSON.parse(stdout) as { incidents: { id: string; status: string }[] }
      same(
        'what is open',
        incidents.map(({ id, status }) => `${id} ${status}`),
        ['INC-0002 acknowledged'],
      )
      return (await succeeds('tocsin status', tocsin(['status', '--config', configFile]))).stdout
    },
  },
  {
    does: 'tocsin test-alarm sends a real alarm all the way, and says how long each hop took',
    async run({ tocsin, slack }) {
      const { said } = await succeeds('tocsin test-alarm', tocsin(['test-alarm', '--yes']))
      check(
        (await slack.messages()).some(({ text }) => text.includes('INC-0003')),
        'Slack shows no incident of it',
      )
      return said
    },
  },
]
