// RabbitMQ's management API and AMQP, as runbooks use them, for a broker of this world.
import { Refused } from '../../../lambda/ports/tools.ts'
import { QueueFull, type Broker, type BrokerMessage } from '../../../lambda/ports/broker.ts'
import type { Clock } from '../../../lambda/ports/clock.ts'
import type { SimulatedBroker } from '../broker/broker.ts'
import { MIB } from '../units.ts'
import type { SimulatedWorld } from '../world.ts'
import type { Queue } from '../broker/queue.ts'
import { PACE } from './pace.ts'

export function brokerPort(
  world: SimulatedWorld,
  broker: SimulatedBroker,
  clock: Pick<Clock, 'now' | 'sleep'>,
): Broker {
  const { plan, queues, policies } = broker
  const pause = (seconds: number): Promise<void> => clock.sleep(Math.round(seconds * 1000))
  const find = (name: string): Queue => {
    const queue = queues.get(name)
    if (!queue) throw new Refused(`there is no queue ${name} on ${broker.name}`)
    return queue
  }
  const secondsFor = (bytes: number, count: number): number =>
    Math.max(bytes / plan.takenBytesPerSecond, count / plan.takenPerSecond)

  return {
    async nodes() {
      await pause(PACE.brokerApi)
      return [
        {
          name: `rabbit@${broker.name}`,
          memoryUsed: Math.round(broker.memoryUsed()),
          memoryLimit: plan.memory.limitMiB * MIB,
          diskFree: Math.round(broker.diskFree()),
          diskFreeLimit: plan.disk.freeLimitMiB * MIB,
          blocked: broker.blocked(),
        },
      ]
    },
    async queues() {
      await pause(PACE.brokerApi)
      return [...queues.values()].map((queue) => {
        const policy = broker.policyOf(queue)
        return {
          name: queue.name,
          type: queue.type,
          measured: true,
          messages: queue.messages(),
          ready: queue.ready.length,
          bytes: queue.bytes(),
          readyBytes: queue.readyBytes(),
          consumers: Array.from({ length: queue.rates.consumers }, (_, n) => ({
            connection: `${queue.name} consumer ${n + 1}`,
            exclusive: false,
          })),
          published: queue.last.published,
          acknowledged: queue.last.acknowledged,
          totals: queue.totals(),
          arguments: queue.plan.deliveryLimit === undefined ? {} : { 'x-delivery-limit': queue.plan.deliveryLimit },
          effective: policy?.definition ?? {},
          autoDelete: false,
          exclusive: false,
          state: 'running',
          ...(policy && { policy: policy.name }),
        }
      })
    },
    async peak({ name }) {
      await pause(PACE.brokerApi)
      return find(name).peak(world.second)
    },
    async version() {
      await pause(PACE.brokerApi)
      return plan.version
    },
    async bindings() {
      await pause(PACE.brokerApi)
      return []
    },
    async take(name, most, keep) {
      const queue = find(name)
      const room = queue.ready.length - (most.leave ?? 0)
      const numbers = queue.take(Math.max(0, Math.min(most.messages, room)), most.bytes)
      if (numbers.length === 0) return 0
      const bytes = numbers.reduce((sum, n) => sum + queue.sizeOf(n), 0)
      try {
        await pause(secondsFor(bytes, numbers.length))
        const verdict = await keep(numbers.map((n) => messageOf(world, queue, n)))
        if (verdict === 'return') {
          queue.giveBack(numbers)
          return 0
        }
      } catch (error) {
        // The connection closes, and what it held goes back to its place.
        queue.giveBack(numbers)
        throw error
      }
      queue.remove(numbers)
      if (world.incurable) broker.fillUp(bytes)
      return numbers.length
    },
    async look(name, most) {
      const queue = find(name)
      const numbers = queue.take(most.messages, most.bytes)
      queue.giveBack(numbers)
      return numbers.map((n) => messageOf(world, queue, n))
    },
    async publish(name, messages) {
      const queue = find(name)
      await pause(secondsFor(messages.length * queue.rates.messageBytes, messages.length))
      if (broker.blocked()) throw new Error(`${broker.name} blocks its publishers: no confirm came`)
      const refused = messages.filter((message) => !queue.comeBack(numberOf(queue, message), broker.limitsOf(queue)))
      if (refused.length > 0) throw new QueueFull(name, refused)
    },
    async policies() {
      await pause(PACE.brokerApi)
      return [...policies.values()].map((policy) => ({ ...policy }))
    },
    async setPolicy(policy) {
      await pause(PACE.brokerApi)
      policies.set(policy.name, { ...policy })
    },
    async deletePolicy(name) {
      await pause(PACE.brokerApi)
      policies.delete(name)
    },
  }
}

/** Bodies are cut to this size: a drill moves gigabytes of messages within seconds. */
const BODY_MOST = 256

export const bodyOf = (queue: Queue, n: number): string =>
  JSON.stringify({ message: `${queue.name}/${n}` }).padEnd(Math.min(queue.sizeOf(n), BODY_MOST))

export function messageOf({ plan }: SimulatedWorld, queue: Queue, n: number): BrokerMessage {
  return {
    body: Buffer.from(bodyOf(queue, n)).toString('base64'),
    properties: {
      contentType: 'application/json',
      deliveryMode: 2,
      messageId: `${queue.name}/${n}`,
      timestamp: Math.floor(Date.parse(plan.start) / 1000) + queue.ledger.bornAt[n]!,
      headers: {},
    },
    exchange: '',
    routingKey: queue.name,
    redelivered: queue.ledger.redelivered.has(n),
  }
}

/** Throws for a message that was never in this queue: the world sends no others. */
export function numberOf(queue: Queue, { properties }: Pick<BrokerMessage, 'properties'>): number {
  const n = Number(String(properties['messageId']).slice(queue.name.length + 1))
  if (String(properties['messageId']) !== `${queue.name}/${n}` || !(n < queue.ledger.accepted))
    throw new Refused(`a message ${JSON.stringify(properties['messageId'])} was never in ${queue.name}`)
  return n
}
