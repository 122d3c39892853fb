// The CDK's entry point: reads the config, creates the stack. `npx cdk synth -c config=FILE` takes another config; `-c hub=ARN` creates a spoke.
import { App } from 'aws-cdk-lib'
import { ConfigError } from '../lambda/config.ts'
import { SpokeStack } from '../lib/spoke-stack.ts'
import { TocsinStack } from '../lib/tocsin-stack.ts'
import { DEFAULT_CONFIG, loadConfig, UserError } from './load-config.ts'
import { hubOf, spokeOf } from './spoke.ts'

const app = new App()
const context = (name: string): unknown => app.node.tryGetContext(name)

try {
  const file = context('config')
  const config = await loadConfig(typeof file === 'string' ? file : DEFAULT_CONFIG)
  const hub = hubOf({
    name: config.deploy.name,
    hub: context('hub'),
    asked: context('aws:cdk:bundling-stacks'),
    account: process.env['CDK_DEFAULT_ACCOUNT'],
    region: process.env['CDK_DEFAULT_REGION'],
  })
  if (hub === undefined)
    new TocsinStack(app, config.deploy.name, {
      config,
      description: 'Tocsin: CloudWatch alarms become one incident in Slack',
    })
  else
    new SpokeStack(app, spokeOf(config.deploy.name), {
      name: config.deploy.name,
      hub,
      emails: config.watchdog.emails,
      description: 'Tocsin: sends the alarms of this account and region to the hub',
    })
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof UserError)) throw error
  process.stderr.write(`\n${error.message}\n\n`)
  process.exit(1)
}
