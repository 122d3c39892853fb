// A limit on a queue's length: how long it may get, and whether a limit would do what it is meant to do there.
import type { Binding, BrokerNode, BrokerPolicy, BrokerQueue } from '../../../ports/broker.ts'
import { enumerate } from '../../../core/words/words.ts'
import { averageBytes, grouped, OVERHEAD_BYTES, twoFigures } from '../backlog.ts'
import { settingOf } from './preconditions.ts'

/** Share of the memory that others leave: publishers, consumers and the broker's own buffers take more while it fills. */
const SHARE_FOR_QUEUE = 0.25
/** If others fill the memory, the queue is not the cause and still has to work. */
const LEAST_SHARE = 0.05

/** How long the queue may get: a quarter of the memory that everything else leaves, in messages of its average size. */
export function lengthLimit(
  { memoryUsed, memoryLimit }: Pick<BrokerNode, 'memoryUsed' | 'memoryLimit'>,
  queue: Pick<BrokerQueue, 'messages' | 'bytes'>,
): number {
  const each = averageBytes(queue) + OVERHEAD_BYTES
  const others = Math.max(0, memoryUsed - queue.messages * each)
  const room = Math.max((memoryLimit - others) * SHARE_FOR_QUEUE, memoryLimit * LEAST_SHARE)
  return twoFigures(Math.max(1, room / each), Math.floor)
}

const policyName = (queue: string): string => `tocsin-${queue}`

export interface Prevention {
  policy: BrokerPolicy
  /** The policy whose keys it takes over, because only one policy applies to a queue. */
  base?: BrokerPolicy
  /** The policy that had its name before. */
  previous?: BrokerPolicy
  /** Other queues that the exchanges of this one route to as well. */
  beside: string[]
}

/** The virtual host as it is. */
export interface Around {
  policies: readonly BrokerPolicy[]
  queues: readonly BrokerQueue[]
  bindings: readonly Binding[]
}

/** A quorum queue takes `reject-publish-dlx` for drop-head: https://www.rabbitmq.com/docs/maxlength#overflow-behaviour */
const refuses = ({ type }: BrokerQueue, overflow: unknown): boolean =>
  overflow === 'reject-publish' || (type !== 'quorum' && overflow === 'reject-publish-dlx')

/** Refuses new messages at a limit, and keeps what the current policy says; or why the queue gets no limit. */
export function prevention(queue: BrokerQueue, around: Around, maxLength: number): Prevention | { without: string } {
  const base = around.policies.find(({ name }) => name === queue.policy)
  const without = whyWithout(queue, around, base, maxLength)
  if (without !== undefined) return { without }
  const name = policyName(queue.name)
  const previous = around.policies.find((policy) => policy.name === name)
  const overflow = base?.definition['overflow']
  return {
    policy: {
      name,
      pattern: `^${queue.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
      definition: {
        ...base?.definition,
        'max-length': maxLength,
        overflow: refuses(queue, overflow) ? overflow : 'reject-publish',
      },
      applyTo: 'queues',
      priority: (base?.priority ?? 0) + 1,
    },
    beside: besides(queue, around),
    ...(base && { base }),
    ...(previous && { previous }),
  }
}

/** A limit that would drop messages, or that somebody has thought about before, is not set. */
function whyWithout(
  queue: BrokerQueue,
  around: Around,
  base: BrokerPolicy | undefined,
  maxLength: number,
): string | undefined {
  const { arguments: declared, effective, operatorPolicy } = queue
  const limits = ['max-length', 'max-length-bytes'] as const
  if (limits.some((key) => declared[`x-${key}`] !== undefined)) return 'it is declared with a limit of its own'
  if (declared['x-overflow'] === 'drop-head')
    return 'it is declared with x-overflow drop-head: at a limit it would drop its oldest messages instead of refusing new ones'
  if (limits.some((key) => effective[key] !== undefined && effective[key] !== base?.definition[key]))
    return `the operator policy ${operatorPolicy ?? ''} limits it`
  const limited = limits.some((key) => base?.definition[key] !== undefined)
  // A policy's overflow alone would be overridden by the declaration's.
  if (limited && !refuses(queue, settingOf(queue, 'overflow')))
    return `the policy ${base!.name} makes it keep only its newest messages`
  const has = base?.definition['max-length']
  if (typeof has === 'number' && has <= maxLength)
    return `the policy ${base!.name} limits it to ${grouped(has)} already`
  const from = deadLettersInto(queue, around)
  if (from.length > 0)
    return `dead letters of ${enumerate(from)} come into it, and RabbitMQ drops those that a full queue refuses`
  return undefined
}

/** Queues whose dead letters may be routed into this one. */
function deadLettersInto({ name }: BrokerQueue, { queues, bindings }: Around): string[] {
  const exchanges = exchangesTo(name, bindings)
  return queues
    .filter((other) => {
      const exchange = settingOf(other, 'dead-letter-exchange')
      if (exchange === '') return (settingOf(other, 'dead-letter-routing-key') ?? other.name) === name
      return typeof exchange === 'string' && exchanges.has(exchange)
    })
    .map((other) => other.name)
}

/** Exchanges that lead to a queue, directly or through others. */
function exchangesTo(name: string, bindings: readonly Binding[]): Set<string> {
  const found = new Set<string>()
  const leads = ({ to }: Binding): boolean => ('queue' in to ? to.queue === name : found.has(to.exchange))
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const binding of bindings) if (leads(binding)) found.add(binding.exchange)
  }
  return found
}

/** Other queues that get what is sent through those exchanges. */
function besides({ name }: BrokerQueue, { queues, bindings }: Around): string[] {
  const exchanges = exchangesTo(name, bindings)
  return queues
    .map((other) => other.name)
    .filter((other) => other !== name && [...exchangesTo(other, bindings)].some((exchange) => exchanges.has(exchange)))
}

/** Whether the broker already has it: it may return keys in another order. */
export const samePolicy = (a: BrokerPolicy | undefined, b: BrokerPolicy): boolean =>
  a !== undefined && canonical(a) === canonical(b)

const canonical = ({ definition, ...rest }: BrokerPolicy): string =>
  JSON.stringify([
    rest.pattern,
    rest.applyTo,
    rest.priority,
    Object.entries(definition).toSorted(([x], [y]) => (x < y ? -1 : 1)),
  ])
