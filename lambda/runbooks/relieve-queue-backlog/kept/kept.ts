// How kept messages are stored in the bucket, and whether a chunk that a crash left in doubt is still in the queue.
import { createHash } from 'node:crypto'
import { record } from '../../../core/json.ts'

/** A message as the broker gave it. */
export interface KeptMessage {
  body: string
  properties: Record<string, unknown>
  exchange: string
  routingKey: string
  redelivered: boolean
}

/** `id`: of this copy, in queue order. It goes with the message as a header when it is sent back. */
export type KeptLine = KeptMessage & { id: string }

/** Summary of a chunk. There is one for each chunk whose messages were removed from the queue, and for no other. */
export interface ChunkSum {
  chunk: number
  /** Position of its first message among all, from 0. */
  first: number
  count: number
  /** Of the bodies. */
  bytes: number
  /** Of the file, hexadecimal. */
  sha256: string
  /** Deliveries of messages to the run that had been delivered before. @default 0 */
  again?: number
  /** Why its messages may be in the queue as well. */
  doubt?: string
}

export interface Manifest {
  run: string
  service: string
  kind: 'rabbitmq' | 'sqs'
  vhost?: string
  queue: string
  count: number
  bytes: number
  /** Of the chunks' hashes, in order, each followed by a line break. */
  sha256: string
  /** How many messages are in chunks that are in doubt. */
  doubtful: number
  chunks: ChunkSum[]
}

/** Whose messages they are. */
export type Source = Pick<Manifest, 'run' | 'service' | 'kind' | 'vhost' | 'queue'>

const DIGITS = 6
const number = (n: number): string => String(n).padStart(DIGITS, '0')

/** One run's messages of one queue. A queue's name may contain anything. */
export const folderOf = (run: string, queue: string): string => `${run}/${encodeURIComponent(queue)}/`
export const queueIn = (folder: string): string => decodeURIComponent(folder.split('/').at(-2) ?? '')
export const chunkKey = (folder: string, chunk: number): string => `${folder}${number(chunk)}.jsonl`
export const sumKey = (folder: string, chunk: number): string => `${folder}${number(chunk)}.json`
/** Marks a chunk that was once compared with the queue. */
export const comparedKey = (folder: string, chunk: number): string => `${folder}${number(chunk)}.compared`
export const manifestKey = (folder: string): string => `${folder}manifest.json`
/** What the run meant to take when it began. */
export const goalKey = (folder: string): string => `${folder}goal`
/** How many were sent back so far. */
export const republishedKey = (folder: string): string => `${folder}republished.json`

export const sumKeysIn = (keys: readonly string[]): string[] => keys.filter((key) => /\/\d{6}\.json$/.test(key))

export const idOf = (folder: string, place: number): string => `${folder}${place}`

/** One message per line, in queue order. */
export function chunkOf(
  folder: string,
  chunk: number,
  first: number,
  messages: readonly KeptMessage[],
): { text: string; sum: ChunkSum } {
  const lines = messages.map((message, i) => JSON.stringify({ id: idOf(folder, first + i), ...message }))
  const text = lines.map((line) => `${line}\n`).join('')
  const bytes = messages.reduce((sum, { body }) => sum + Buffer.byteLength(body, 'base64'), 0)
  const again = messages.filter(({ redelivered }) => redelivered).length
  const sum = { chunk, first, count: messages.length, bytes, sha256: sha256(text), ...(again > 0 && { again }) }
  return { text, sum }
}

export const linesOf = (text: string): KeptLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KeptLine)

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export function manifestOf(about: Source, sums: readonly ChunkSum[]): Manifest {
  const chunks = sums.toSorted((a, b) => a.chunk - b.chunk)
  const total = (of: (sum: ChunkSum) => number): number => chunks.reduce((sum, chunk) => sum + of(chunk), 0)
  const { run, service, kind, vhost, queue } = about
  return {
    ...{ run, service, kind, ...(vhost !== undefined && { vhost }), queue },
    count: total(({ count }) => count),
    bytes: total(({ bytes }) => bytes),
    sha256: sha256(chunks.map((chunk) => `${chunk.sha256}\n`).join('')),
    doubtful: total(({ count, doubt }) => (doubt === undefined ? 0 : count)),
    chunks,
  }
}

/** Headers that a queue increments each time it redelivers a message. */
const COUNTERS = new Set(['x-delivery-count', 'x-acquired-count'])

/** Stays the same when a message is delivered, comes back, and is delivered again. */
function fingerprint({ body, properties, exchange, routingKey }: KeptMessage): string {
  const { headers, ...rest } = properties
  const kept = Object.entries(record(headers) ?? {}).filter(([name]) => !COUNTERS.has(name))
  return sha256(
    JSON.stringify([exchange, routingKey, Object.entries(rest).toSorted(byName), kept.toSorted(byName), body]),
  )
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

const hasId = ({ properties }: KeptMessage): boolean => typeof properties['messageId'] === 'string'

/** Their ids alone can prove that they came back. */
export const canBeKnown = (stored: readonly KeptMessage[]): boolean => stored.filter(hasId).length * 2 > stored.length

export type Verdict = { is: 'came back' } | { is: 'removed'; doubt: string }

/**
 * A run died after it had stored a chunk: did its acknowledgment arrive? The chunk was acknowledged all at once, or not at all. `taken`: as many
 * messages, now at the head of the queue. A wrong `came back` would lose messages, so it takes proof: more than half of the chunk is there, marked
 * as redelivered, and told from look-alikes by a message id, or by the mark alone if only we can have set it (no consumer, never compared before, and
 * nothing worked off since).
 * A wrong `removed` only duplicates some, and says that it may.
 */
export function verdictOn(
  stored: readonly KeptMessage[],
  taken: readonly KeptMessage[],
  { consumers, compared, untouched }: { consumers: number; compared: boolean; untouched: boolean },
): Verdict {
  const waiting = new Map<string, KeptMessage[]>()
  for (const message of stored) {
    const key = fingerprint(message)
    waiting.set(key, [...(waiting.get(key) ?? []), message])
  }
  const pairs = taken
    .filter(({ redelivered }) => redelivered)
    .flatMap((message) => waiting.get(fingerprint(message))?.shift() ?? [])
  const isMarkOurs = consumers === 0 && !compared && untouched
  const proof = pairs.filter((message) => hasId(message) || (isMarkOurs && !message.redelivered))
  if (proof.length * 2 > stored.length) return { is: 'came back' }
  if (pairs.length > 0)
    return {
      is: 'removed',
      doubt: `after a crash it is unclear whether they were removed, and ${pairs.length} in the queue look the same`,
    }
  return {
    is: 'removed',
    doubt: 'after a crash it is unclear whether they were removed, and a consumer may have had them since',
  }
}
