// Does the queue explain why the broker is short of something? What only happens at the same time is left alone: its messages are alive.
import type { BrokerNode, BrokerQueue } from '../../ports/broker.ts'
import { grouped, messages, OVERHEAD_BYTES, percent, size } from './backlog.ts'
import { duration, plural } from '../../core/words/words.ts'

/** A queue that holds less of the memory in use than this is not why it is short. */
const SHARE_OF_MEMORY = 0.2
/** A queue that holds less of what waits in the broker than this is not what fills its disk, however much is free without it. */
const SHARE_OF_WAITING = 0.2
/** Who works off a backlog within this time needs no help, unless publishers are blocked until then. */
const SOON_SECONDS = 900
/** What takes longer to be worked off than this is no help in any case. */
const LONG_SECONDS = 6 * 3_600
/** Share of the publishes that consumers must keep up with. The broker measures both over some seconds. */
const KEEPS_UP = 0.98

export interface Shortage {
  signals: readonly string[]
  /** Messages that have to go until it is no backlog any more. */
  above: number
  /** Bytes of all queues. */
  waiting: number
}

/** Why taking its messages would not help, or is not needed. */
export function whyNotTheCause(queue: BrokerQueue, node: BrokerNode, shortage: Shortage): string | undefined {
  const { signals, above } = shortage
  const { name, consumers, published, acknowledged } = queue
  const rates = consumers.length > 0 ? { published, acknowledged } : {}
  return (
    whyUnreachable(queue, above) ??
    whyWorkedOff({ name, above, signals, blocked: node.blocked, ...rates }) ??
    whyElsewhere(queue, node, shortage)
  )
}

/** Messages that consumers hold cannot be taken from them. */
function whyUnreachable({ name, messages: all, ready, consumers }: BrokerQueue, above: number): string | undefined {
  if (ready >= above) return undefined
  const held = all - ready
  const who = consumers[0]?.connection
  const more = consumers.length > 1 ? ` and ${consumers.length - 1} more` : ''
  return `${grouped(held)} of the ${messages(all)} of ${name} are with ${who === undefined ? 'a consumer' : `its ${plural(consumers.length, 'consumer')} (${who}${more})`} and not acknowledged: restart ${consumers.length > 1 ? 'those' : 'it'}, and the messages come back`
}

export interface WorkedOff {
  name: string
  /** Per second; undefined: not known, or nobody is there. */
  published?: number | undefined
  acknowledged?: number | undefined
  above: number
  signals: readonly string[]
  /** Nobody can publish now. */
  blocked: boolean
}

/** What does not grow makes nothing short; a backlog that is an alarm of its own, or blocks everybody, may not last long though. */
export function whyWorkedOff({
  name,
  published,
  acknowledged,
  above,
  signals,
  blocked,
}: WorkedOff): string | undefined {
  if (published === undefined || acknowledged === undefined || acknowledged === 0) return undefined
  if (acknowledged < published * KEEPS_UP) return undefined
  const left = above / Math.max(0, acknowledged - published)
  const most = blocked || signals.includes('saturation') ? SOON_SECONDS : LONG_SECONDS
  if (left > most) return undefined
  return `the consumers of ${name} keep up: they handle ${perSecond(acknowledged)}, ${perSecond(published)} arrive, and they are through in about ${duration(left * 1000)}`
}

const perSecond = (rate: number): string =>
  `${rate < 10 ? Number(rate.toFixed(1)) : grouped(Math.round(rate))} a second`

function whyElsewhere(queue: BrokerQueue, node: BrokerNode, { signals, waiting }: Shortage): string | undefined {
  // An alarm about its length is about the queue itself.
  if (signals.includes('saturation')) return undefined
  const reasons = [
    signals.includes('memory') ? whyNotMemory(queue, node) : undefined,
    signals.includes('disk') ? whyNotDisk(queue, node, waiting) : undefined,
  ].filter((why) => why !== undefined)
  const asked = signals.filter((signal) => signal === 'memory' || signal === 'disk').length
  return asked > 0 && reasons.length === asked ? reasons.join('; ') : undefined
}

function whyNotMemory(queue: BrokerQueue, { memoryUsed }: BrokerNode): string | undefined {
  const holds = queue.bytes + queue.messages * OVERHEAD_BYTES
  const share = holds / memoryUsed
  return share >= SHARE_OF_MEMORY
    ? undefined
    : `${queue.name} holds at most ${percent(share)} of the ${size(memoryUsed)} of memory in use: something else does, like connections or other queues`
}

function whyNotDisk(queue: BrokerQueue, { diskFree, diskFreeLimit }: BrokerNode, waiting: number): string | undefined {
  const share = queue.bytes / waiting
  if (share < SHARE_OF_WAITING)
    return `${queue.name} holds only ${percent(share)} of the ${size(waiting)} that wait: it is not what fills the disk`
  const after = diskFree + queue.readyBytes
  return after >= diskFreeLimit
    ? undefined
    : `without the ${size(queue.readyBytes)} of ${queue.name}, ${size(after)} of the disk would be free, still below the limit of ${size(diskFreeLimit)}: something else fills it, like logs`
}
