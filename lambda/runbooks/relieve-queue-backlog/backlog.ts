// A queue that backs up: which one takes up the memory, whether it is really too much, how much goes, and where the limit belongs.
import { glob } from '../../core/services/matching.ts'
import type { BrokerNode, BrokerPolicy, BrokerQueue } from '../../ports/broker.ts'
import { amount } from '../../core/words/units.ts'

/** Where a backlog begins. Without `messages`, their number does not matter. */
export interface Level {
  messages?: number
  bytes: number
}

/** From 10,000 on, queues begin to cost the broker time and memory: CloudAMQP, RabbitMQ best practice, "keep your queue short". */
export const MIN_MESSAGES = 10_000
/** A queue that takes a tenth of the broker's memory limit is worth a look, however few messages it has. */
const SHARE_OF_MEMORY = 0.1

export const levelOf = (
  { minMessages, minBytes }: { minMessages: number; minBytes?: number | undefined },
  memoryLimit: number,
  signals: readonly string[] = ['saturation'],
): Level => ({
  // A long queue of small messages fills neither memory nor disk: its length counts only if an alarm says so.
  ...(signals.includes('saturation') && { messages: minMessages }),
  bytes: minBytes ?? Math.round(memoryLimit * SHARE_OF_MEMORY),
})

/** The node nearest to its memory limit: the first to suffer. */
export const tightest = (nodes: readonly BrokerNode[]): BrokerNode | undefined =>
  nodes.toSorted((a, b) => b.memoryUsed / b.memoryLimit - a.memoryUsed / a.memoryLimit)[0]

export interface Heavy {
  queue: BrokerQueue
  /** Share of the bytes of all queues in the virtual host, 0 to 1. */
  share: number
  /** The queue with the most messages, if that is another one. */
  longest?: BrokerQueue
  /** The heaviest of all, if it may not be relieved. */
  forbidden?: BrokerQueue
}

/** By bytes, not by count: a million small messages may weigh less than a thousand large ones. */
export function heaviest(queues: readonly BrokerQueue[], allowed: readonly string[]): Heavy | undefined {
  const fits = allowed.map(glob)
  const sorted = queues.toSorted((a, b) => b.bytes - a.bytes || b.messages - a.messages)
  const queue = sorted.find(({ name }) => fits.some((fit) => fit(name)))
  if (!queue) return undefined
  const all = queues.reduce((sum, { bytes }) => sum + bytes, 0)
  const longest = queues.toSorted((a, b) => b.messages - a.messages)[0]
  return {
    queue,
    share: all === 0 ? 1 : queue.bytes / all,
    ...(longest && longest.messages > queue.messages && { longest }),
    ...(sorted[0] && sorted[0] !== queue && { forbidden: sorted[0] }),
  }
}

export const isAbove = ({ messages, bytes }: Pick<BrokerQueue, 'messages' | 'bytes'>, level: Level): boolean =>
  (level.messages !== undefined && messages >= level.messages) || bytes >= level.bytes

/** How many go: all, or the oldest down to a level. */
export const toRemove = (messages: number, keep: number): number => Math.max(0, messages - keep)

export const averageBytes = ({ messages, bytes }: Pick<BrokerQueue, 'messages' | 'bytes'>): number =>
  messages === 0 ? 0 : bytes / messages

/** Fits into a function's memory several times, even if sizes differ, and into one request to S3. */
const CHUNK_BYTES = 4 * 1024 ** 2
const CHUNK_MESSAGES = 1_000

/** Messages in a chunk. */
export const chunkSize = (average: number): number =>
  Math.min(CHUNK_MESSAGES, Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, average))))

/** Memory that a message takes besides its body: RabbitMQ's documentation says at least 720 bytes, with properties and headers. */
const OVERHEAD_BYTES = 1_024
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
  return twoFigures(Math.max(1, room / each))
}

/** Rounds down to two significant figures: the number is an estimate. */
function twoFigures(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.floor(value / unit) * unit
}

export const policyName = (queue: string): string => `tocsin-${queue}`

export interface Prevention {
  policy: BrokerPolicy
  /** The policy whose keys it takes over, because only one policy applies to a queue. */
  base?: BrokerPolicy
  /** The policy that had its name before. */
  previous?: BrokerPolicy
}

/** Rejects new messages at a limit, and keeps what the current policy says. Undefined if that already limits the length. */
export function prevention(
  policies: readonly BrokerPolicy[],
  queue: Pick<BrokerQueue, 'name' | 'policy'>,
  maxLength: number,
): Prevention | undefined {
  const base = policies.find(({ name }) => name === queue.policy)
  if (base && ('max-length' in base.definition || 'max-length-bytes' in base.definition)) return undefined
  const name = policyName(queue.name)
  const previous = policies.find((policy) => policy.name === name)
  return {
    policy: {
      name,
      pattern: `^${queue.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
      definition: { ...base?.definition, 'max-length': maxLength, overflow: 'reject-publish' },
      applyTo: 'queues',
      priority: (base?.priority ?? 0) + 1,
    },
    ...(base && { base }),
    ...(previous && { previous }),
  }
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

export const size = (bytes: number): string => amount({ value: bytes, namespace: undefined, metric: 'Bytes' })!
export const grouped = (n: number): string => amount({ value: n, namespace: undefined, metric: 'Messages' })!
export const messages = (n: number): string => `${grouped(n)} message${n === 1 ? '' : 's'}`
export const percent = (share: number): string => `${Math.round(share * 100)} %`
