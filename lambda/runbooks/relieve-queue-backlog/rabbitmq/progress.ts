// How far a copy is, from where to where, and how much of it.
import { isLastChance, storePatiently } from '../kept/hold.ts'
import { chunkKey, type ChunkSum } from '../kept/kept.ts'
import type { BrokerMessage } from '../../../ports/broker.ts'
import type { Tools } from '../../runbook.ts'

export interface Progress {
  /** Chunks whose messages are known to be removed. */
  chunks: number
  count: number
  bytes: number
  /** How many there will be in the end. */
  goal: number
}

export type Known = Omit<Progress, 'goal'>

export const NOTHING: Known = { chunks: 0, count: 0, bytes: 0 }

export const plus = ({ chunks, count, bytes }: Known, sum: ChunkSum): Known => ({
  chunks: chunks + 1,
  count: count + sum.count,
  bytes: bytes + sum.bytes,
})

export interface Extent {
  /** How many stay. */
  keep: number
  /** At most how many the whole run takes. */
  most: number
  /** How often the queue lets a message be given back; undefined: as often as it may be. */
  returns?: number
  /** Another pass follows: doubts may wait for its end. */
  followed?: boolean
  /** Also takes what publishers add meanwhile: for a queue that cannot grow any more. */
  all?: boolean
}

/** From a queue into a folder. */
export interface Way {
  queue: string
  folder: string
  extent: Extent
}

interface Held {
  key: string
  text: string
  messages: readonly BrokerMessage[]
}

/** Stores something while messages are held. */
export const putHolding = (tools: Tools, { extent }: Way, { key, text, messages }: Held): Promise<void> =>
  storePatiently(tools, { key, text, count: messages.length, isLast: isLastChance(messages, extent.returns) })

/** Stores a chunk while its messages are held. */
export const hold = (
  tools: Tools,
  way: Way,
  text: string,
  { sum, messages }: { sum: ChunkSum; messages: readonly BrokerMessage[] },
): Promise<void> => putHolding(tools, way, { key: chunkKey(way.folder, sum.chunk), text, messages })
