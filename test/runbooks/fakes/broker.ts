// RabbitMQ in memory: queues whose unacknowledged messages come back marked, policies, and a memory limit that blocks.
import { QueueFull } from '../../../lambda/adapters/rabbitmq/amqp.ts'
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Broker, BrokerMessage, BrokerNode, BrokerPolicy, BrokerQueue } from '../../../lambda/ports/broker.ts'

export interface FakeQueue {
  type: BrokerQueue['type']
  messages: BrokerMessage[]
  consumers: number
  bytesEach: number
  /** What publishers add each time somebody takes messages. */
  grows: number
}

export interface FakeBroker extends Broker {
  queuesByName: Map<string, FakeQueue>
  policiesByName: Map<string, BrokerPolicy>
  node: BrokerNode
  /** Names of the calls that change something, with the queue or policy. */
  acts: string[]
  add(name: string, count: number, more?: Partial<Omit<FakeQueue, 'messages'>> & { alike?: boolean }): FakeQueue
  deny(call: keyof Broker): void
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

export function fakeBroker(): FakeBroker {
  const queuesByName = new Map<string, FakeQueue>()
  const policiesByName = new Map<string, BrokerPolicy>()
  const denied = new Set<string>()
  const acts: string[] = []
  const node: BrokerNode = {
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
  const policyOf = (name: string): BrokerPolicy | undefined =>
    [...policiesByName.values()]
      .filter(({ pattern }) => new RegExp(pattern).test(name))
      .sort((a, b) => b.priority - a.priority)[0]
  const limitOf = (name: string): number => Number(policyOf(name)?.definition['max-length'] ?? Infinity)
  const fill = (name: string, queue: FakeQueue, count: number, alike = false): void => {
    for (let i = 0; i < count && queue.messages.length < limitOf(name); i++) {
      const number = made.get(name) ?? 0
      made.set(name, number + 1)
      queue.messages.push(messageCalled(alike ? undefined : `${name}-${number}`))
    }
  }
  const used = (): number =>
    [...queuesByName.values()].reduce((sum, { messages, bytesEach }) => sum + messages.length * bytesEach, BASE_BYTES)

  const broker: FakeBroker = {
    queuesByName,
    policiesByName,
    node,
    acts,
    add(name, count, { alike = false, ...more } = {}) {
      const queue: FakeQueue = { type: 'classic', messages: [], consumers: 0, bytesEach: 5_000, grows: 0, ...more }
      queuesByName.set(name, queue)
      fill(name, queue, count, alike)
      return queue
    },
    deny: (call) => void denied.add(call),
    ids: (name) => find(name).messages.map(({ properties }) => String(properties['messageId'])),
    async nodes() {
      check('nodes')
      return [{ ...node, memoryUsed: used(), blocked: used() > LIMIT_BYTES }]
    },
    async queues() {
      check('queues')
      return [...queuesByName].map(([name, { type, messages, bytesEach, consumers }]) => {
        const policy = policyOf(name)
        const count = messages.length
        return {
          ...{
            name,
            type,
            consumers,
            messages: count,
            ready: count,
            bytes: count * bytesEach,
            published: 0,
            acknowledged: 0,
          },
          ...(policy && { policy: policy.name }),
        }
      })
    },
    async take(name, most, keep) {
      check('take')
      const queue = find(name)
      fill(name, queue, queue.grows)
      const taken = queue.messages.splice(0, most)
      if (taken.length === 0) return 0
      const back = (): void =>
        void queue.messages.unshift(...taken.map((message) => ({ ...message, redelivered: true })))
      try {
        if ((await keep(structuredClone(taken))) === 'return') {
          back()
          return 0
        }
      } catch (error) {
        back()
        throw error
      }
      acts.push(`take ${name}`)
      return taken.length
    },
    async publish(name, messages) {
      check('publish')
      const queue = find(name)
      const refused: BrokerMessage[] = []
      for (const message of structuredClone(messages) as BrokerMessage[])
        if (queue.messages.length < limitOf(name)) queue.messages.push(message)
        else refused.push(message)
      if (refused.length > 0) throw new QueueFull(name, messages.slice(-refused.length))
    },
    async policies() {
      check('policies')
      return [...policiesByName.values()]
    },
    async setPolicy(policy) {
      check('setPolicy')
      acts.push(`set ${policy.name}`)
      const drops = [...queuesByName.keys()].filter(
        (name) => policyOf(name)?.definition['overflow'] !== 'reject-publish',
      )
      policiesByName.set(policy.name, policy)
      // As in RabbitMQ: a classic queue applies the length first, and only then what to do when it is reached.
      for (const name of drops) find(name).messages.splice(0, Math.max(0, find(name).messages.length - limitOf(name)))
    },
    async deletePolicy(name) {
      check('deletePolicy')
      acts.push(`delete ${name}`)
      policiesByName.delete(name)
    },
  }
  return broker
}
