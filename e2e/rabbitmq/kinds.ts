// Queues of each kind, by their arguments and three kinds of policies, while the store fails or a consumer hangs: relieved by itself and after an
// approval, side by side. Every message is counted by its id.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { manifestKey, type Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { act, type Act, type Ended } from './processes.ts'
import { startRabbitMq } from './start.ts'
import { compare, drain, folderIn, keptIds, makeVirtualHost, VHOST, type World } from './world.ts'

const MESSAGES = 1_500
const LIMIT = 800
const RUN = 'INC-0001-1'

interface Kind {
  does: string
  name: string
  args?: Record<string, unknown>
  /** Settings of a policy, and of an operator policy. */
  policy?: Record<string, unknown>
  operator?: Record<string, unknown>
  throttled?: number
  options?: Record<string, unknown>
  /** What its policy is in the end: its definition, or undefined for the one it had. */
  limited?: Record<string, unknown>
  /** After the run, publishers bring so many more: all of them must be somewhere. */
  more?: number
}

/** Far from the memory limit: only their number makes these a backlog. */
const OPTIONS = { minMessages: 500, maxLength: LIMIT }
const REFUSES = { 'max-length': LIMIT, overflow: 'reject-publish' }

const KINDS: Kind[] = [
  { does: 'declared without anything', name: 'plain', limited: REFUSES, more: 0 },
  { does: 'declared with x-overflow drop-head', name: 'dropping', args: { 'x-overflow': 'drop-head' }, more: 1_000 },
  {
    does: 'whose policy sends refused messages to the dead letters',
    name: 'letters',
    policy: { overflow: 'reject-publish-dlx', 'dead-letter-exchange': 'refused' },
    limited: { overflow: 'reject-publish-dlx', 'dead-letter-exchange': 'refused', 'max-length': LIMIT },
    more: 1_000,
  },
  { does: 'that keeps its newest messages', name: 'ring', args: { 'x-max-length': 5_000 } },
  { does: 'that an operator policy limits', name: 'guarded', operator: { 'max-length': 5_000 } },
  {
    does: 'whose policy has a higher limit, as on Amazon MQ',
    name: 'amazon',
    policy: { 'max-length': 500_000, overflow: 'reject-publish', 'queue-mode': 'lazy' },
    limited: { ...REFUSES, 'queue-mode': 'lazy' },
  },
  {
    does: 'of quorum type that gives back twice, while S3 throttles four of six writes',
    name: 'poison',
    args: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 },
    throttled: 4,
    options: { prevent: false },
  },
]

const MODES = ['auto', 'suggest'] as const
type Mode = (typeof MODES)[number]

const queueOf = ({ name }: Pick<Kind, 'name'>, mode: Mode): string => `${name}-${mode}`
const idOf = (queue: string, i: number): string => `${queue}-${i}`

/** Ids of the messages that the broker has confirmed; the others are refused. */
async function publish(world: World, queue: string, from: number, count: number): Promise<string[]> {
  const connection = await world.connect()
  const channel = await connection.createConfirmChannel()
  const confirmed: string[] = []
  const sent = Array.from({ length: count }, (_, i) => {
    const messageId = idOf(queue, from + i)
    return new Promise<void>((done) =>
      channel.sendToQueue(queue, Buffer.from(`body of ${messageId}`), { persistent: true, messageId }, (error) => {
        if (error === null) confirmed.push(messageId)
        done()
      }),
    )
  })
  await Promise.all(sent)
  await connection.close()
  return confirmed
}

async function call({ rabbit }: World, path: string, body: unknown): Promise<void> {
  const { api, username, password } = rabbit
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    'content-type': 'application/json',
  }
  const answer = await fetch(`${api}/api/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}

const setPolicy = (world: World, kind: 'policies' | 'operator-policies', queue: string, definition: unknown) =>
  call(world, `${kind}/${encodeURIComponent(VHOST)}/of-${queue}`, {
    pattern: `^${queue}$`,
    definition,
    'apply-to': 'queues',
    priority: 1,
  })

async function prepare(world: World, kind: Kind, mode: Mode): Promise<void> {
  const queue = queueOf(kind, mode)
  const connection = await world.connect()
  const channel = await connection.createChannel()
  await channel.assertExchange('refused', 'fanout')
  await channel.assertQueue('refused', { durable: true })
  await channel.bindQueue('refused', 'refused', '')
  await channel.assertQueue(queue, { durable: true, arguments: kind.args ?? {} })
  await connection.close()
  if (kind.policy) await setPolicy(world, 'policies', queue, kind.policy)
  if (kind.operator) await setPolicy(world, 'operator-policies', queue, kind.operator)
  same('confirmed', (await publish(world, queue, 0, MESSAGES)).length, MESSAGES)
}

/** With a board of its own. */
function relieve(world: World, queue: string, { mode, ...rest }: Partial<Act> & { mode: Mode }): Promise<Ended> {
  const folder = join(world.folder, queue)
  mkdirSync(folder, { recursive: true })
  const more = { mode, name: `tocsin ${queue}`, ...rest.more }
  return act({ ...world, folder }, { run: RUN, queue, options: { ...OPTIONS, ...rest.options }, more })
}

const isCounted = async ({ broker }: World, queues: readonly string[]): Promise<true | undefined> => {
  const all = await broker.queues()
  return queues.every((name) => all.some((one) => one.name === name && one.messages === MESSAGES)) || undefined
}

async function relieveOne(world: World, kind: Kind, mode: Mode): Promise<string> {
  const { throttled, options = {}, limited, more = 0 } = kind
  const queue = queueOf(kind, mode)
  const { said, code } = await relieve(world, queue, { mode, options, more: throttled ? { throttled } : {} })
  check(code === 0, `${queue}: it ended with ${code}:\n${said}`)
  const policy = (await world.broker.policies()).find(({ name }) => name === `tocsin-${queue}`)
  same(`the limit of ${queue}`, sorted(policy?.definition), sorted(limited))
  const later = await publish(world, queue, MESSAGES, more)
  const kept = await keptIds(world, RUN, queue)
  const left = await drain(world, queue)
  const all = [...Array.from({ length: MESSAGES }, (_, i) => idOf(queue, i)), ...later]
  same(`messages of ${queue}`, compare(all, [...kept, ...left]), { lost: 0, doubled: 0, strange: 0 })
  const { count, doubtful } = await manifestOf(world, queue)
  same(`the manifest of ${queue}`, [count, doubtful], [kept.length, 0])
  return `${queue}: ${kept.length} kept + ${left.length} left = ${all.length}`
}

const sorted = (definition: Record<string, unknown> | undefined): unknown =>
  definition && Object.entries(definition).toSorted(([a], [b]) => (a < b ? -1 : 1))

async function manifestOf({ evidence }: World, queue: string): Promise<Manifest> {
  return JSON.parse((await evidence.get(manifestKey(await folderIn(evidence, RUN, queue)))) ?? '{}') as Manifest
}

/** A look at a queue that is left alone: why, and that nothing is gone. */
async function leftAlone(world: World, queue: string, why: string): Promise<string> {
  const seen = await Promise.all(
    MODES.map(async (mode) => {
      const folder = `${queue}-${mode}`
      mkdirSync(join(world.folder, folder), { recursive: true })
      const more = { mode, name: `tocsin ${folder}` }
      const run = { run: RUN, queue, options: OPTIONS, more }
      const { said, code } = await act({ ...world, folder: join(world.folder, folder) }, run)
      check(
        code === 1 && said.startsWith('withdrawn: ') && said.includes(why),
        `${mode}: it ended with ${code}:\n${said}`,
      )
      return said
    }),
  )
  same('kept', await keptIds(world, RUN, queue), [])
  return seen[0]!
}

export const kinds: Step<World>[] = [
  {
    does: `Queues of ${KINDS.length} kinds, ${MESSAGES} messages each, one for each mode`,
    async run(world) {
      for (const kind of KINDS) for (const mode of MODES) await prepare(world, kind, mode)
      const all = KINDS.flatMap((kind) => MODES.map((mode) => queueOf(kind, mode)))
      await eventually('the broker has counted them', () => isCounted(world, all))
    },
  },
  {
    does: 'Each is relieved, by itself and after an approval: nothing is lost, nothing is there twice',
    async run(world) {
      const lines = await Promise.all(
        KINDS.map(async (kind) => {
          const ended = await Promise.all(MODES.map((mode) => relieveOne(world, kind, mode)))
          return [`A queue ${kind.does}`, ...ended.map((line) => `  ${line}`)]
        }),
      )
      return lines.flat().join('\n')
    },
  },
  {
    does: 'Messages that a hung consumer holds are left with it, and the look names the consumer',
    async run(world) {
      const queue = 'hung'
      const connection = await world.connect()
      const channel = await connection.createChannel()
      await channel.assertQueue(queue, { durable: true })
      await channel.consume(queue, () => undefined)
      await publish(world, queue, 0, MESSAGES)
      await eventually('the broker has counted them', async () =>
        (await world.broker.queues()).some(
          ({ name, messages, ready, consumers }) =>
            name === queue && messages === MESSAGES && ready === 0 && consumers.length === 1,
        )
          ? true
          : undefined,
      )
      const said = await leftAlone(world, queue, 'not acknowledged: restart it')
      await connection.close()
      same('left', (await drain(world, queue)).length, MESSAGES)
      return said
    },
  },
  ...(
    [
      ['exclusive', { exclusive: true }, 'belongs to one connection alone'],
      ['auto-delete', { autoDelete: true }, 'deletes itself with all that is in it'],
      ['priority', { arguments: { 'x-max-priority': 5 } }, 'priority queue'],
    ] as const
  ).map(([queue, options, why]): Step<World> => ({
    does: `The ${queue} queue is left alone, and the look says why`,
    async run(world) {
      const connection = await world.connect()
      const channel = await connection.createConfirmChannel()
      await channel.assertQueue(queue, { durable: false, ...options })
      for (let i = 0; i < MESSAGES; i++) channel.sendToQueue(queue, Buffer.from('x'))
      await channel.waitForConfirms()
      await eventually('the broker has counted them', () => isCounted(world, [queue]))
      const said = await leftAlone(world, queue, why)
      same('left', (await channel.checkQueue(queue)).messageCount, MESSAGES)
      await connection.close()
      return said
    },
  })),
  {
    does: 'A broker whose statistics are switched off: the look ends and says which setting it is',
    async run() {
      const other = await startRabbitMq(['management_agent.disable_metrics_collector = true'])
      try {
        await makeVirtualHost(other)
        const { api, amqp, username, password } = other
        const credentials = async () => ({ username, password })
        const broker = rabbitmqBroker({ api, amqp, vhost: VHOST, name: 'the walk', credentials })
        const why = await broker.nodes().catch((error: unknown) => error)
        check(why instanceof Refused && why.message.includes('statistics are switched off'), `it said ${String(why)}`)
        return why.message
      } finally {
        await other.stop()
      }
    },
  },
]
