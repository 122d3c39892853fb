// A RabbitMQ broker as runbooks see it: its nodes, queues, messages and policies.

export interface BrokerNode {
  /** Bytes. Publishers block above the limit. */
  memoryUsed: number
  memoryLimit: number
  /** Bytes. Publishers block below the limit. */
  diskFree: number
  diskFreeLimit: number
  /** Whether publishers are blocked now. */
  blocked: boolean
}

export interface BrokerQueue {
  name: string
  type: 'classic' | 'quorum' | 'stream'
  messages: number
  /** Waiting to be delivered; the rest are with consumers. */
  ready: number
  /** Bytes of all its messages' bodies. */
  bytes: number
  consumers: number
  /** Per second, as the broker measures it. */
  published: number
  acknowledged: number
  /** The policy that applies to it, if any: only the broker knows how patterns and priorities work out. */
  policy?: string
}

/** A message as it was: body as base64, AMQP properties and headers as JSON. What JSON cannot hold is tagged, so that it comes back the same. */
export interface BrokerMessage {
  body: string
  properties: Record<string, unknown>
  exchange: string
  routingKey: string
  /** It was delivered before, and came back. */
  redelivered: boolean
}

export interface BrokerPolicy {
  name: string
  pattern: string
  definition: Record<string, unknown>
  applyTo: string
  priority: number
}

/** RabbitMQ, one virtual host: management API and AMQP. Throws `Refused` for a wrong password, a missing permission or queue. */
export interface Broker {
  nodes(): Promise<BrokerNode[]>
  queues(): Promise<BrokerQueue[]>
  /**
   * Takes up to `most` messages from the head of a queue, in order, and hands them to `keep`. If that resolves to `remove`, exactly these are
   * removed, and this returns once the broker has confirmed it; otherwise all of them go back to where they were. Never holds more than these.
   * Returns how many were removed.
   */
  take(queue: string, most: number, keep: (messages: BrokerMessage[]) => Promise<'remove' | 'return'>): Promise<number>
  /** Publishes to the end of the queue itself, whatever its bindings; returns once the broker has confirmed each message. */
  publish(queue: string, messages: readonly BrokerMessage[]): Promise<void>
  policies(): Promise<BrokerPolicy[]>
  setPolicy(policy: BrokerPolicy): Promise<void>
  deletePolicy(name: string): Promise<void>
}
