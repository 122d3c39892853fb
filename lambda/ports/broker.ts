// A RabbitMQ broker as runbooks see it: its nodes, queues, messages and policies.
import { plural } from '../core/words/words.ts'

export interface BrokerNode {
  name: string
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
  type: 'classic' | 'quorum' | 'stream' | 'unknown'
  /** False for the first seconds of its life: then its numbers mean nothing. */
  measured: boolean
  messages: number
  /** Waiting to be delivered; the rest are with consumers, which have not acknowledged them. */
  ready: number
  /** Bytes of all its messages' bodies, and of those that are ready. */
  bytes: number
  readyBytes: number
  consumers: Consumer[]
  /** Per second, as the broker measures it; undefined if it measures no rates. */
  published?: number
  acknowledged?: number
  /** Since the broker began to count: how many came, were worked off, and were delivered although they had been delivered before. */
  totals?: Totals
  /** What it was declared with: `x-max-length` and the like. */
  arguments: Record<string, unknown>
  /** What its policy and operator policy come to together: only the broker knows how patterns, priorities and both work out. */
  effective: Record<string, unknown>
  /** Names of the policies that apply to it. */
  policy?: string
  operatorPolicy?: string
  /** Deleted with all that is in it once its last consumer is gone. */
  autoDelete: boolean
  /** Of one connection; nobody else may use it. */
  exclusive: boolean
  /** `running`, or why it does not serve. */
  state: string
}

export interface Totals {
  published: number
  acknowledged: number
  redelivered: number
}

export interface Consumer {
  /** For people: the name that its program gave the connection, or its address. */
  connection: string
  /** Nobody else gets messages of the queue. */
  exclusive: boolean
}

/** An exchange that routes to a queue or to another exchange. */
export interface Binding {
  exchange: string
  to: { queue: string } | { exchange: string }
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

/** The queue is full. `refused`: the messages that it did not take, in order; the others are in it. */
export class QueueFull extends Error {
  override name = 'QueueFull'
  readonly refused: readonly BrokerMessage[]
  constructor(queue: string, refused: readonly BrokerMessage[]) {
    super(`the queue ${queue} is full: it refused ${plural(refused.length, 'message')}`)
    this.refused = refused
  }
}

/** Bytes of bodies: it stops once it has so many, and holds at most a few messages more. */
export interface Most {
  messages: number
  bytes: number
  /** So many of those that wait now stay, whatever consumers take meanwhile. @default 0 */
  leave?: number
}

/** RabbitMQ, one virtual host: management API and AMQP. Throws `Refused` for a wrong password, a missing permission or queue. */
export interface Broker {
  /** Throws `Refused` if the broker measures nothing at all: then no number would ever come. */
  nodes(): Promise<BrokerNode[]>
  queues(): Promise<BrokerQueue[]>
  /**
   * How many messages came in the ten minutes in which most came, of the last hour; undefined if the broker keeps no rates. Of a time that it has no
   * samples of, no more can have come than wait.
   */
  peak(queue: Pick<BrokerQueue, 'name' | 'messages'>): Promise<number | undefined>
  /** Like `3.13.7`. */
  version(): Promise<string>
  /** Of exchanges to queues and to each other, without those of the default exchange, to which every queue belongs by its name. */
  bindings(): Promise<Binding[]>
  /**
   * Takes up to `most` from the head of a queue, in order, and hands them to `keep`. If that resolves to `remove`, exactly these are removed, and
   * this returns once the broker has confirmed it; otherwise all of them go back to where they were. Never holds more than these. Returns how many
   * were removed; that may be fewer than wait, but at least 480 if there are as many.
   */
  take(queue: string, most: Most, keep: (messages: BrokerMessage[]) => Promise<'remove' | 'return'>): Promise<number>
  /** The same for a look: all of them go back to where they were, marked as delivered before. */
  look(queue: string, most: Most): Promise<BrokerMessage[]>
  /** Publishes to the end of the queue itself, whatever its bindings; returns once the broker has confirmed each message. */
  publish(queue: string, messages: readonly BrokerMessage[]): Promise<void>
  policies(): Promise<BrokerPolicy[]>
  setPolicy(policy: BrokerPolicy): Promise<void>
  deletePolicy(name: string): Promise<void>
}
