// The CDK's entry: reads the config, makes the stack. `npx cdk synth -c config=FILE` takes another config.
import { App } from 'aws-cdk-lib'
import { ConfigError } from '../lambda/config.ts'
import { TocsinStack } from '../lib/tocsin-stack.ts'
import { DEFAULT_CONFIG, loadConfig, UserError } from './load-config.ts'

const app = new App()
const file: unknown = app.node.tryGetContext('config')

try {
  const config = await loadConfig(typeof file === 'string' ? file : DEFAULT_CONFIG)
  new TocsinStack(app, 'Tocsin', { config, description: 'Tocsin: CloudWatch alarms become one incident in Slack' })
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof UserError)) throw error
  process.stderr.write(`\n${error.message}\n\n`)
  process.exit(1)
}
