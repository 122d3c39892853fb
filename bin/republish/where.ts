// Where kept messages are and where they go: from the deployed stack and the config, or from options.
import { amazonMq } from '../../lambda/adapters/rabbitmq/amazon-mq.ts'
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import type { Target } from '../../lambda/core/services/config.ts'
import type { Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { own } from '../../lambda/core/words/words.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import { loginIn } from '../aws/login.ts'
import { deployedStack } from '../aws/stack.ts'
import { loadConfig, stackNamed, UserError } from '../load-config.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { rabbitmqOutlet, type Outlet } from '../../lambda/runbooks/relieve-queue-backlog/back/outlet.ts'
import { sqsOutlet } from './sqs.ts'

export interface WhereOptions {
  stack?: string
  config: string
  bucket?: string | undefined
  prefix?: string | undefined
  api?: string | undefined
  amqp?: string | undefined
  vhost?: string | undefined
  secret?: string | undefined
  user?: string | undefined
}

const OUTPUT = 'EvidenceBucketName'

export async function evidenceAt({ bucket, prefix = 'evidence/', stack, config }: WhereOptions): Promise<Evidence> {
  return s3Evidence({ bucket: bucket ?? (await bucketOf(await stackNamed(stack, config))), prefix })
}

async function bucketOf(name: string): Promise<string> {
  const stack = await deployedStack(name)
  const bucket = stack.outputs[OUTPUT]
  if (bucket === undefined)
    throw new UserError(
      `the stack ${name} keeps no evidence (it has no output ${OUTPUT}): name the bucket with --bucket`,
    )
  return bucket
}

export interface Destination {
  outlet: Outlet
  /** For people. */
  place: string
}

/** The name of its connections on the broker: different from those of a runbook, which may be at work. */
const NAME = 'tocsin republish'

export async function destination(options: WhereOptions, manifest: Manifest, terminal: Terminal): Promise<Destination> {
  const { queue } = manifest
  if (manifest.kind === 'sqs') return { outlet: sqsOutlet(queue), place: 'SQS' }
  const target = isWhole(options) ? undefined : (await targetOf(options, manifest))?.rabbitmq
  const api = options.api ?? target?.api ?? ''
  const amqp = options.amqp ?? target?.amqp ?? ''
  const name = target?.broker
  if ((api === '' || amqp === '') && name === undefined)
    throw new UserError(
      'where is the broker? Give --api and --amqp, or name the service that the run was about in the config',
    )
  const vhost = options.vhost ?? manifest.vhost ?? target?.vhost ?? '/'
  const login = await loginOf(options, target?.secret, terminal)
  const find = name === undefined ? {} : { find: amazonMq(name) }
  const broker = rabbitmqBroker({ api, amqp, vhost, name: NAME, credentials: async () => login, ...find })
  return {
    outlet: rabbitmqOutlet(broker, queue),
    place: `${api === '' ? `the broker ${name}` : new URL(api).host}, virtual host ${vhost}`,
  }
}

/** Everything is given: no config is read. */
const isWhole = ({ api, amqp, secret, user }: WhereOptions): boolean =>
  api !== undefined && amqp !== undefined && (secret !== undefined || user !== undefined)

async function targetOf({ config }: WhereOptions, { service }: Manifest): Promise<Target | undefined> {
  const { services } = await loadConfig(config)
  if (service !== '') return own(services, service)?.target
  const targets = Object.values(services).flatMap(({ target }) => (target?.rabbitmq ? [target] : []))
  return targets.length === 1 ? targets[0] : undefined
}

const PASSWORD = 'TOCSIN_BROKER_PASSWORD'

async function loginOf(
  { user, secret }: WhereOptions,
  known: string | undefined,
  terminal: Terminal,
): Promise<{ username: string; password: string }> {
  if (user !== undefined) {
    const given = process.env[PASSWORD]
    if (given === undefined && !terminal.canAsk)
      throw new UserError(`there is no terminal to ask for the password of ${user}: set ${PASSWORD}`)
    return { username: user, password: given ?? (await terminal.ask.secret(`Password of ${user} on the broker:`)) }
  }
  const name = secret ?? known
  if (name === undefined)
    throw new UserError(
      'who are we for the broker? Give --user, or --secret with the name of a secret of Secrets Manager',
    )
  return loginIn(name)
}
