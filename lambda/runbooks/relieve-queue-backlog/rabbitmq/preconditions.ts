// What a RabbitMQ queue must be before its messages are taken: it behaves by its arguments, its policy and operator policies together.
// docs/runbooks/relieve-queue-backlog.md lists these rules with their fields; a test compares both.
import type { BrokerQueue } from '../../../ports/broker.ts'
import { enumerate, plural } from '../../../core/words/words.ts'

export interface Precondition {
  /** Of `GET /api/queues/<vhost>` unless it says otherwise. */
  field: string
  /** For the table in the docs. */
  must: string
  /** Why the queue is left alone. */
  stops(queue: BrokerQueue, version: string): string | undefined
}

/** Arguments whose meaning is known here: https://www.rabbitmq.com/docs/queues#optional-arguments, and those of quorum queues. */
const KNOWN_ARGUMENTS = new Set([
  'x-consumer-timeout',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-dead-letter-strategy',
  'x-delivery-limit',
  'x-expires',
  'x-max-in-memory-bytes',
  'x-max-in-memory-length',
  'x-max-length',
  'x-max-length-bytes',
  'x-max-priority',
  'x-message-ttl',
  'x-overflow',
  'x-queue-leader-locator',
  'x-queue-master-locator',
  'x-queue-mode',
  'x-queue-type',
  'x-queue-version',
  'x-quorum-initial-group-size',
  'x-quorum-target-group-size',
  'x-single-active-consumer',
])

/** The same as a policy writes it, and what only a policy can say. */
const KNOWN_KEYS = new Set([
  ...[...KNOWN_ARGUMENTS].map((name) => name.slice(2)),
  'alternate-exchange',
  'federation-upstream',
  'federation-upstream-set',
  'ha-mode',
  'ha-params',
  'ha-promote-on-failure',
  'ha-promote-on-shutdown',
  'ha-sync-batch-size',
  'ha-sync-mode',
  'target-group-size',
])

/** What the queue says of a key, by its declaration or its policies: where both give a number, RabbitMQ takes the smaller, else the declaration. */
export function settingOf({ arguments: declared, effective }: BrokerQueue, key: string): unknown {
  const [own, policy] = [declared[`x-${key}`], effective[key]]
  return typeof own === 'number' && typeof policy === 'number' ? Math.min(own, policy) : (own ?? policy)
}

export const PRECONDITIONS: readonly Precondition[] = [
  {
    field: 'messages',
    must: 'is there: the broker has measured the queue',
    stops: ({ measured }) => (measured ? undefined : 'the broker has not measured it yet'),
  },
  {
    field: 'type',
    must: '`classic` or `quorum`',
    stops({ type }) {
      if (type === 'stream') return 'it is a stream: its messages stay until they are too old, whoever reads them'
      return type === 'unknown' ? 'nobody here knows its type' : undefined
    },
  },
  {
    field: 'state',
    must: '`running`, `idle` or `flow`',
    stops: ({ state }) =>
      ['running', 'idle', 'flow'].includes(state) ? undefined : `it does not serve: it is ${state}`,
  },
  {
    field: 'exclusive',
    must: '`false`',
    stops: ({ exclusive }) =>
      exclusive ? 'it belongs to one connection alone (exclusive): nobody else may take from it' : undefined,
  },
  {
    field: 'exclusive of `GET /api/consumers/<vhost>`',
    must: '`false` for each of its consumers',
    stops({ consumers }) {
      const only = consumers.find(({ exclusive }) => exclusive)
      return only && `${only.connection} consumes it exclusively: the broker lets nobody else take from it`
    },
  },
  {
    field: 'arguments.x-single-active-consumer',
    must: 'not `true`, or no consumer is there',
    stops: ({ arguments: { 'x-single-active-consumer': single }, consumers }) =>
      single === true && consumers.length > 0
        ? `it serves one consumer at a time (single active consumer), and ${consumers[0]!.connection} is there: stop that one first`
        : undefined,
  },
  {
    field: 'auto_delete',
    must: '`false`',
    stops: ({ autoDelete }) =>
      autoDelete ? 'it deletes itself with all that is in it once its last consumer is gone (auto-delete)' : undefined,
  },
  {
    field: 'arguments.x-max-priority',
    must: 'is missing',
    stops: ({ arguments: { 'x-max-priority': priority } }) =>
      priority === undefined
        ? undefined
        : 'it is a priority queue: messages overtake each other, so after a crash nobody could tell which were taken',
  },
  {
    field: 'effective_policy_definition.federation-upstream(-set)',
    must: 'is missing',
    stops: ({ effective }) =>
      'federation-upstream' in effective || 'federation-upstream-set' in effective
        ? 'it is federated: whoever takes from it pulls messages from other brokers'
        : undefined,
  },
  {
    field: 'x-delivery-limit and delivery-limit (quorum queues)',
    must: 'at least 1',
    stops: (queue, version) =>
      (deliveryLimit(queue, version) ?? Infinity) < 1
        ? 'its delivery limit is 0: a message that a crash sends back would be dropped'
        : undefined,
  },
  {
    field: 'arguments, effective_policy_definition',
    must: 'only keys that are known here',
    stops({ arguments: declared, effective }) {
      const unknown = [
        ...Object.keys(declared).filter((name) => name.startsWith('x-') && !KNOWN_ARGUMENTS.has(name)),
        ...Object.keys(effective).filter((key) => !KNOWN_KEYS.has(key)),
      ]
      return unknown.length === 0 ? undefined : `nobody here knows what ${enumerate(unknown)} means for it`
    },
  },
]

export const whyLeftAlone = (queue: BrokerQueue, version: string): string | undefined =>
  PRECONDITIONS.map(({ stops }) => stops(queue, version)).find((why) => why !== undefined)

/** Since RabbitMQ 4, quorum queues have one unless they say otherwise: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling */
const DEFAULT_DELIVERY_LIMIT = 20

/** How often a quorum queue lets a message be given back before it drops it or sends it to the dead letters. Undefined: as often as it may be. */
export function deliveryLimit(queue: BrokerQueue, version: string): number | undefined {
  if (queue.type !== 'quorum') return undefined
  const set = settingOf(queue, 'delivery-limit')
  if (typeof set === 'number') return set === -1 ? undefined : set
  return Number.parseInt(version, 10) >= 4 ? DEFAULT_DELIVERY_LIMIT : undefined
}

/** What people should know of it before they approve. */
export function remarksOn(queue: BrokerQueue): string[] {
  const [ttl, expires] = [settingOf(queue, 'message-ttl'), settingOf(queue, 'expires')]
  return [
    typeof ttl === 'number' &&
      `its messages live for ${seconds(ttl)}: those that expire meanwhile are not kept, and those sent back begin anew`,
    typeof expires === 'number' &&
      `it deletes itself once nobody has used it for ${seconds(expires)}: then nothing can be sent back`,
  ].filter((remark) => remark !== false)
}

const seconds = (ms: number): string => plural(Math.round(ms / 1000), 'second')
