// RabbitMQ in memory: queues whose unacknowledged messages come back marked and counted, arguments, policies, and a memory limit that blocks.
import { Refused } from '../../../lambda/ports/tools.ts'
import { QueueFull } from '../../../lambda/ports/broker.ts'
import type {
  Binding,
  Broker,
  BrokerMessage,
  BrokerNode,
  BrokerPolicy,
  BrokerQueue,
  Totals,
} from '../../../lambda/ports/broker.ts'

export interface FakeQueue extends Pick<BrokerQueue, 'type' | 'arguments' | 'autoDelete' | 'exclusive' | 'state'> {
  messages: BrokerMessage[]
  consumers: number
  exclusiveConsumer: boolean
  /** With consumers, which do not acknowledge them. */
  held: number
  bytesEach: number
  /** What publishers add each time somebody takes messages. */
  grows: number
  /** What the broker tells of both, per second; undefined: no rates. */
  published: number | undefined
  acknowledged: number | undefined
  measured: boolean
  /** What came in the busiest ten minutes; undefined: no rates. */
  peak: number | undefined
  /** Messages that came, were worked off, and were dropped. */
  counts: Totals & { dropped: number }
}

export interface FakeBroker extends Broker {
  queuesByName: Map<string, FakeQueue>
  policiesByName: Map<string, BrokerPolicy>
  operatorPolicies: BrokerPolicy[]
  routes: Binding[]
  node: BrokerNode
  /** In use besides the messages. */
  base: number
  runs: string
  /** Names of the calls that change something, with the queue or policy. */
  acts: string[]
  add(
    name: string,
    count: number,
    more?: Partial<Omit<FakeQueue, 'messages' | 'counts'>> & { alike?: boolean },
  ): FakeQueue
  deny(call: keyof Broker): void
  /** Consumers come, work off this many of the oldest, and are gone again. */
  consume(name: string, count: number): string[]
  /** The publishers' ids of what is in a queue. */
  ids(name: string): string[]
}

export const messageCalled = (id: string | undefined): BrokerMessage => ({
  body: Buffer.from(id === undefined ? 'tick' : `body of ${id}`).toString('base64'),
  properties: { ...(id !== undefined && { messageId: id }), headers: { attempt: 1 } },
  exchange: 'jobs',
  routingKey: 'eu',
  redelivered: false,
})

/** Of everything in the queues, and of the broker itself. */
const BASE_BYTES = 50_000_000
const LIMIT_BYTES = 100_000_000

/** A policy and an operator policy together: of two numbers the smaller counts. */
function merged(policy: BrokerPolicy | undefined, operator: BrokerPolicy | undefined): Record<string, unknown> {
  const both = { ...policy?.definition }
  for (const [key, value] of Object.entries(operator?.definition ?? {})) {
    const own = both[key]
    both[key] = typeof own === 'number' && typeof value === 'number' ? Math.min(own, value) : value
  }
  return both
}

export function fakeBroker(): FakeBroker {
  const queuesByName = new Map<string, FakeQueue>()
  const policiesByName = new Map<string, BrokerPolicy>()
  const denied = new Set<string>()
  const acts: string[] = []
  const node: BrokerNode = {
    name: 'rabbit@one',
    memoryUsed: 0,
    memoryLimit: LIMIT_BYTES,
    diskFree: 9e9,
    diskFreeLimit: 1e9,
    blocked: false,
  }
  const made = new Map<string, number>()

  const find = (name: string): FakeQueue => {
    const queue = queuesByName.get(name)
    if (!queue) throw new Refused(`there is no queue ${name}`)
    return queue
  }
  const check = (call: keyof Broker): void => {
    if (denied.has(call)) throw new Refused(`the broker's user may not ${call}`)
  }
  const best = (policies: Iterable<BrokerPolicy>, name: string): BrokerPolicy | undefined =>
    [...policies].filter(({ pattern }) => new RegExp(pattern).test(name)).sort((a, b) => b.priority - a.priority)[0]
  const policyOf = (name: string): BrokerPolicy | undefined => best(policiesByName.values(), name)
  const operatorOf = (name: string): BrokerPolicy | undefined => best(broker.operatorPolicies, name)
  const effective = (name: string): Record<string, unknown> => merged(policyOf(name), operatorOf(name))
  const setting = (name: string, key: string): unknown => {
    const [own, policy] = [find(name).arguments[`x-${key}`], effective(name)[key]]
    return typeof own === 'number' && typeof policy === 'number' ? Math.min(own, policy) : (own ?? policy)
  }
  const limitOf = (name: string): number => Number(setting(name, 'max-length') ?? Infinity)
  const refuses = (name: string): boolean =>
    (find(name).type === 'quorum' ? ['reject-publish'] : ['reject-publish', 'reject-publish-dlx']).includes(
      setting(name, 'overflow') as string,
    )
  const enter = (name: string, message: BrokerMessage): boolean => {
    const queue = find(name)
    if (queue.messages.length >= limitOf(name) && refuses(name)) return false
    queue.messages.push(message)
    queue.counts.published += 1
    dropHead(name)
    return true
  }
  const dropHead = (name: string): void => {
    const { messages, counts } = find(name)
    counts.dropped += messages.splice(0, Math.max(0, messages.length - limitOf(name))).length
  }
  const fill = (name: string, count: number, alike = false): void => {
    for (let i = 0; i < count; i++) {
      const number = made.get(name) ?? 0
      if (!enter(name, messageCalled(alike ? undefined : `${name}-${number}`))) return
      made.set(name, number + 1)
    }
  }
  const used = (): number =>
    [...queuesByName.values()].reduce((sum, { messages, bytesEach }) => sum + messages.length * bytesEach, broker.base)

  const broker: FakeBroker = {
    queuesByName,
    policiesByName,
    operatorPolicies: [],
    routes: [],
    node,
    base: BASE_BYTES,
    runs: '3.10.8',
    acts,
    add(name, count, { alike = false, ...more } = {}) {
      const queue: FakeQueue = {
        type: 'classic',
        arguments: {},
        autoDelete: false,
        exclusive: false,
        state: 'running',
        messages: [],
        consumers: 0,
        exclusiveConsumer: false,
        held: 0,
        bytesEach: 5_000,
        grows: 0,
        published: 0,
        acknowledged: 0,
        measured: true,
        peak: 0,
        counts: { published: 0, acknowledged: 0, redelivered: 0, dropped: 0 },
        ...more,
      }
      queuesByName.set(name, queue)
      fill(name, count, alike)
      return queue
    },
    deny: (call) => void denied.add(call),
    consume(name, count) {
      const { messages, counts } = find(name)
      const had = messages.splice(0, count)
      counts.acknowledged += had.length
      counts.redelivered += had.filter(({ redelivered }) => redelivered).length
      return had.map(({ properties }) => String(properties['messageId']))
    },
    ids: (name) => find(name).messages.map(({ properties }) => String(properties['messageId'])),
    async version() {
      return broker.runs
    },
    async peak({ name }) {
      check('peak')
      return find(name).peak
    },
    async bindings() {
      check('bindings')
      return broker.routes
    },
    async nodes() {
      check('nodes')
      return [{ ...node, memoryUsed: used(), blocked: used() > LIMIT_BYTES }]
    },
    async queues() {
      check('queues')
      return [...queuesByName].map(([name, queue]): BrokerQueue => {
        const { type, messages, bytesEach, consumers, held, published, acknowledged, counts } = queue
        const [policy, operator, count] = [policyOf(name), operatorOf(name), messages.length]
        return {
          name,
          type,
          measured: queue.measured,
          consumers: Array.from({ length: consumers }, (_, n) => ({
            connection: `worker-${n + 1}`,
            exclusive: queue.exclusiveConsumer,
          })),
          messages: count,
          ready: count - held,
          bytes: count * bytesEach,
          readyBytes: (count - held) * bytesEach,
          ...(published !== undefined && { published }),
          ...(acknowledged !== undefined && { acknowledged }),
          totals: (({ dropped: _, ...totals }) => totals)(counts),
          arguments: queue.arguments,
          effective: effective(name),
          autoDelete: queue.autoDelete,
          exclusive: queue.exclusive,
          state: queue.state,
          ...(policy && { policy: policy.name }),
          ...(operator && { operatorPolicy: operator.name }),
        }
      })
    },
    async take(name, most, keep) {
      check('take')
      const queue = find(name)
      fill(name, queue.grows)
      let bytes = 0
      const isFull = ({ body }: BrokerMessage): boolean => (bytes += Buffer.byteLength(body, 'base64')) >= most.bytes
      const waiting = queue.messages.length - queue.held - (most.leave ?? 0)
      const ready = queue.messages.slice(0, Math.max(0, Math.min(most.messages, waiting)))
      const end = ready.findIndex(isFull)
      const taken = queue.messages.splice(0, end < 0 ? ready.length : end + 1)
      if (taken.length === 0) return 0
      queue.counts.redelivered += taken.filter(({ redelivered }) => redelivered).length
      const limit = queue.type === 'quorum' ? Number(setting(name, 'delivery-limit') ?? Infinity) : Infinity
      const back = (): void => {
        const again = taken.map((message) => comingBack(message, queue.type === 'quorum'))
        const kept = again.filter((message) => deliveries(message) <= limit)
        queue.counts.dropped += again.length - kept.length
        queue.messages.unshift(...kept)
      }
      try {
        if ((await keep(structuredClone(taken))) === 'return') {
          back()
          return 0
        }
      } catch (error) {
        back()
        throw error
      }
      queue.counts.acknowledged += taken.length
      acts.push(`take ${name}`)
      if (queue.autoDelete) queuesByName.delete(name)
      return taken.length
    },
    async look(name, most) {
      let seen: BrokerMessage[] = []
      await broker.take(name, most, async (messages) => {
        seen = messages
        return 'return'
      })
      return seen
    },
    async publish(name, messages) {
      check('publish')
      find(name)
      const refused = messages.filter((message) => !enter(name, structuredClone(message)))
      if (refused.length > 0) throw new QueueFull(name, refused)
    },
    async policies() {
      check('policies')
      return [...policiesByName.values()]
    },
    async setPolicy(policy) {
      check('setPolicy')
      acts.push(`set ${policy.name}`)
      const dropping = [...queuesByName.keys()].filter((name) => !refuses(name))
      policiesByName.set(policy.name, policy)
      // As in RabbitMQ: a classic queue applies the length first, and only then what to do when it is reached.
      for (const name of dropping) dropHead(name)
    },
    async deletePolicy(name) {
      check('deletePolicy')
      acts.push(`delete ${name}`)
      policiesByName.delete(name)
    },
  }
  return broker
}

const COUNT = 'x-delivery-count'

const deliveries = ({ properties }: BrokerMessage): number =>
  Number((properties['headers'] as Record<string, unknown>)[COUNT] ?? 0)

function comingBack(message: BrokerMessage, counts: boolean): BrokerMessage {
  const headers = message.properties['headers'] as Record<string, unknown>
  const properties = counts
    ? { ...message.properties, headers: { ...headers, [COUNT]: deliveries(message) + 1 } }
    : message.properties
  return { ...message, properties, redelivered: true }
}
