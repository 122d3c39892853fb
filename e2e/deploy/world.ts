// What `npm run e2e:deploy` builds on: the emulator, the fake Slack, a config, and what earlier steps learned.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { startMiniStack, type MiniStack } from '../ministack/start.ts'
import { clients, STACK, type Aws, type Outputs } from '../support/aws.ts'
import { commands, type Command } from '../support/commands.ts'
import { check } from '../support/steps.ts'
import { CHANNEL, openDoor, serveSlack, type ServedSlack } from '../support/slack.ts'

export interface World {
  ministack: MiniStack
  slack: ServedSlack
  aws: Aws
  cdk: Command
  tocsin: Command
  configFile: string
  /** Known once it is deployed. */
  outputs: Outputs
  /** The function URL, as it can be reached from here. */
  functionUrl: string
  /** Called at the end, last first. */
  closes: (() => Promise<void>)[]
  /** Slack's timestamp of each incident's message, by incident. */
  messages: Record<string, string>
}

/** How long everything must stay quiet: short, because somebody is waiting. */
export const GRACE_SECONDS = 5
/** Longer than a deployment takes on a busy machine, so that one fits into the wait. */
export const ESCALATE_SECONDS = 60

const config = (mailTitle: string) => ({
  slack: { channel: `#${CHANNEL.name}` },
  services: {
    // The stack creates its alarms.
    'shop-db': {
      title: 'Shop database',
      kind: 'database',
      target: { onPremises: { hosts: ['shop-db-1'], paths: ['/var/lib'] } },
      watch: true,
      alarms: [{ dimensions: { host: 'shop-db-1' } }],
    },
    'shop-api': { title: 'Shop API', dependsOn: ['shop-db'], alarms: [{ dimensions: { service: 'shop-api' } }] },
    mail: { title: mailTitle, alarms: [{ dimensions: { service: 'mail' } }] },
  },
  watchdog: { emails: ['ops@example.com'] },
  correlation: { resolveGraceSeconds: GRACE_SECONDS },
  escalation: [{ afterSeconds: ESCALATE_SECONDS, notify: ['U0BEN'] }],
})

export const writeConfig = (file: string, mailTitle: string): void =>
  writeFileSync(file, JSON.stringify(config(mailTitle), null, 2))

/** Runs `act` in a fresh world, and takes it down whatever happens. */
export async function inWorld(act: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-e2e-'))
  const ended = new AbortController()
  const closes: World['closes'] = []
  const close = async (): Promise<void> => {
    ended.abort()
    // One that cannot be stopped does not keep the others from it.
    for (const end of closes.splice(0).toReversed()) await end().catch((error: unknown) => console.error(error))
    rmSync(folder, { recursive: true, force: true })
  }
  const stopped = (): void => void close().finally(() => process.exit(130))
  process.once('SIGINT', stopped).once('SIGTERM', stopped)
  try {
    await act(await startWorld(join(folder, 'config.json'), closes, ended.signal))
  } finally {
    await close()
  }
}

async function startWorld(configFile: string, closes: World['closes'], ended: AbortSignal): Promise<World> {
  writeConfig(configFile, 'E-mail')
  const slack = await serveSlack()
  closes.push(slack.close)
  const ministack = await startMiniStack({ TOCSIN_SLACK_API_URL: slack.apiUrl })
  closes.push(ministack.stop)
  const environment = { ...ministack.environment, TOCSIN_SLACK_API_URL: slack.apiUrl }
  const known = { outputs: {} as Outputs, functionUrl: '', messages: {} }
  return {
    ministack,
    slack,
    aws: clients(ministack.url),
    ...commands(environment, ended),
    configFile,
    closes,
    ...known,
  }
}

export async function reach(world: World): Promise<void> {
  const door = await openDoor(world.outputs.SlackRequestUrl, world.ministack.url)
  world.closes.push(door.close)
  world.functionUrl = door.url
  world.slack.sendsClicksTo(door.url)
}

/** `id`: the name in the stack's code. */
export async function functionNamed({ cloudFormation }: Aws, id: string): Promise<string> {
  const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: STACK }))
  const found = StackResources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::Lambda::Function' && new RegExp(`^${id}[0-9A-F]{8}$`).test(LogicalResourceId ?? ''),
  )
  check(found?.PhysicalResourceId !== undefined, `the stack has no function ${id}`)
  return found.PhysicalResourceId
}
