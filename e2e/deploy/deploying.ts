// From nothing to a stack that can speak to Slack.
import { outputsOf } from '../support/aws.ts'
import { succeeds, type Ran } from '../support/commands.ts'
import { BOT_TOKEN, SIGNING_SECRET } from '../support/slack.ts'
import type { Step } from '../support/steps.ts'
import { reach, type World } from './world.ts'

export const deploy = ({ cdk, configFile }: World): Promise<Ran> =>
  succeeds('cdk deploy', cdk(['deploy', '--require-approval', 'never', '--context', `config=${configFile}`]))

export const deploying: Step<World>[] = [
  {
    does: 'cdk bootstrap prepares the account',
    async run({ cdk }) {
      await succeeds('cdk bootstrap', cdk(['bootstrap']))
    },
  },
  {
    does: 'cdk deploy makes the stack from a config',
    async run(world) {
      await deploy(world)
      world.outputs = await outputsOf(world.aws)
      await reach(world)
      return `Slack sends clicks to ${world.outputs.SlackRequestUrl}`
    },
  },
  {
    does: 'tocsin slack connect checks the token, stores the secrets and joins the channel',
    async run({ tocsin, configFile }) {
      const secrets = JSON.stringify({ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET })
      const connecting = tocsin(['slack', 'connect', '--stdin', '--yes', '--config', configFile], secrets)
      return (await succeeds('tocsin slack connect', connecting)).said
    },
  },
  {
    does: 'tocsin doctor finds nothing wrong',
    async run({ tocsin, configFile }) {
      return (await succeeds('tocsin doctor', tocsin(['doctor', '--config', configFile]))).stdout
    },
  },
]
