// A queue that backs up: which one takes up the memory, whether it is really too much, and how much goes.
import { glob } from '../../core/services/matching.ts'
import type { BrokerNode, BrokerQueue } from '../../ports/broker.ts'
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

export interface Ranked {
  /** Those that may be relieved, heaviest first: by bytes, since a million small messages may weigh less than a thousand large ones. */
  allowed: BrokerQueue[]
  /** The heaviest of all, if it may not be relieved. */
  forbidden?: BrokerQueue
  /** The queue with the most messages. */
  longest?: BrokerQueue
  /** Bytes of all queues. */
  bytes: number
}

export function ranked(queues: readonly BrokerQueue[], allowed: readonly string[]): Ranked {
  const fits = allowed.map(glob)
  const sorted = queues.toSorted((a, b) => b.bytes - a.bytes || b.messages - a.messages)
  const may = sorted.filter(({ name }) => fits.some((fit) => fit(name)))
  const longest = queues.toSorted((a, b) => b.messages - a.messages)[0]
  return {
    allowed: may,
    bytes: queues.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(sorted[0] && sorted[0] !== may[0] && { forbidden: sorted[0] }),
    ...(longest && { longest }),
  }
}

export const isAbove = ({ messages, bytes }: Pick<BrokerQueue, 'messages' | 'bytes'>, level: Level): boolean =>
  (level.messages !== undefined && messages >= level.messages) || bytes >= level.bytes

/** How many have to go until it is no backlog any more. */
export function aboveLevel(queue: Pick<BrokerQueue, 'messages' | 'bytes'>, { messages: most, bytes }: Level): number {
  const each = averageBytes(queue)
  const may = Math.min(most === undefined ? Infinity : most - 1, each === 0 ? Infinity : Math.ceil(bytes / each) - 1)
  return Math.max(0, queue.messages - Math.max(0, may))
}

/** How many go: all, or the oldest down to a level. */
export const toRemove = (messages: number, keep: number): number => Math.max(0, messages - keep)

export const averageBytes = ({ messages, bytes }: Pick<BrokerQueue, 'messages' | 'bytes'>): number =>
  messages === 0 ? 0 : bytes / messages

/** Memory that a message takes besides its body: RabbitMQ's documentation says at least 720 bytes, with properties and headers. */
export const OVERHEAD_BYTES = 1_024

/** A chunk: as many as the broker removes at once (see its adapter), few enough to fit into a function's memory several times. */
export const CHUNK = { messages: 480, bytes: 4 * 1024 ** 2 } as const

/** To two significant figures: the number is an estimate. */
export function twoFigures(value: number, round: (value: number) => number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1)
  return round(value / unit) * unit
}

export const roundedUp = (value: number): number => twoFigures(value, Math.ceil)

/** People may take so long to approve. */
export const BOUND_SECONDS = 600

/** The most that one approval covers: what was seen, and what arrives within ten minutes. */
export const boundOf = (seen: number, arriving: number): number => roundedUp(seen + arriving)

export const size = (bytes: number): string => amount({ value: bytes, namespace: undefined, metric: 'Bytes' })!
export const grouped = (n: number): string => amount({ value: n, namespace: undefined, metric: 'Messages' })!
export const messages = (n: number): string => `${grouped(n)} message${n === 1 ? '' : 's'}`
export const percent = (share: number): string => `${Math.round(share * 100)} %`
