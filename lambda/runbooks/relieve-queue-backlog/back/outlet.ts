// Where messages are sent back to: a RabbitMQ queue.
import { idIn, marked } from './progress.ts'
import type { KeptLine } from '../kept/kept.ts'
import { deliveryLimit } from '../rabbitmq/preconditions.ts'
import { QueueFull, type Broker, type BrokerMessage } from '../../../ports/broker.ts'

export interface Outlet {
  /** How many messages wait there, and how many consumers it has. Undefined: there is no such queue. */
  holds(): Promise<{ messages: number; consumers?: number } | undefined>
  /** Why it takes nothing now. */
  blocked(): Promise<string | undefined>
  /** Returns those that it refused; the others are in the queue. Throws if nobody knows. */
  send(lines: readonly KeptLine[]): Promise<ReadonlySet<KeptLine>>
  /** Ids of copies waiting there, found without consuming any. Undefined: nobody can look. */
  look(): Promise<{ ids: ReadonlySet<string>; consumers: number } | undefined>
}

/** Far more than fit into a queue with a limit; to look at them, this process has to hold them all. */
const MOST_LOOKED_AT = { messages: 50_000, bytes: 256 * 1024 ** 2 }

export function rabbitmqOutlet(broker: Broker, queue: string): Outlet {
  const find = async () => (await broker.queues()).find(({ name }) => name === queue)
  return {
    async holds() {
      const now = await find()
      return now && { messages: now.messages, consumers: now.consumers.length }
    },
    blocked: async () =>
      (await broker.nodes()).some(({ blocked }) => blocked) ? 'the broker blocks publishers' : undefined,
    async send(lines) {
      const messages = new Map<BrokerMessage, KeptLine>(lines.map((line) => [marked(line), line]))
      try {
        await broker.publish(queue, [...messages.keys()])
        return new Set()
      } catch (error) {
        if (!(error instanceof QueueFull)) throw error
        return new Set(error.refused.map((message) => messages.get(message)!))
      }
    },
    async look() {
      const now = await find()
      if (!now || now.messages > MOST_LOOKED_AT.messages || now.bytes > MOST_LOOKED_AT.bytes) return undefined
      // To look is to give back, and a message that comes back too often is dropped.
      if (deliveryLimit(now, await broker.version()) !== undefined) return undefined
      // The order stays.
      const ids = new Set((await broker.look(queue, MOST_LOOKED_AT)).map((message) => idIn(message) ?? ''))
      return { ids, consumers: now.consumers.length }
    },
  }
}
