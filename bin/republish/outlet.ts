// Where messages are sent back to: a RabbitMQ queue.
import { QueueFull } from '../../lambda/adapters/rabbitmq/amqp.ts'
import { idIn, marked } from './progress.ts'
import type { KeptLine } from '../../lambda/runbooks/relieve-queue-backlog/kept.ts'
import type { Broker, BrokerMessage } from '../../lambda/ports/broker.ts'

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
const MOST_LOOKED_AT = 50_000

export function rabbitmqOutlet(broker: Broker, queue: string): Outlet {
  const find = async () => (await broker.queues()).find(({ name }) => name === queue)
  return {
    holds: find,
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
      if (!now || now.messages > MOST_LOOKED_AT) return undefined
      const ids = new Set<string>()
      // Takes everything unacknowledged, then returns it: the order stays.
      await broker.take(queue, MOST_LOOKED_AT, async (messages) => {
        for (const message of messages) ids.add(idIn(message) ?? '')
        return 'return'
      })
      return { ids, consumers: now.consumers }
    },
  }
}
