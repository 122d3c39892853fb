// Copies an SQS queue to S3 chunk by chunk and deletes a chunk only once its copy is safe. Messages that come again after a crash are known by id.
import { messages as inWords, size, toRemove } from '../backlog.ts'
import {
  chunkKey,
  chunkOf,
  folderOf,
  linesOf,
  manifestKey,
  manifestOf,
  sumKey,
  sumKeysIn,
  type ChunkSum,
  type KeptMessage,
  type Source,
} from '../kept/kept.ts'
import { sumsAt } from '../kept/stored.ts'
import { startOf } from '../kept/start.ts'
import { storePatiently } from '../kept/hold.ts'
import { extend, receive, RECEIVED_MOST, remove, together, TOGETHER, type Received } from './messages.ts'
import { queueCalled, type SqsQueue } from './queue.ts'
import type { Tools, Turn } from '../../runbook.ts'

interface Progress {
  chunks: number
  count: number
  bytes: number
  goal: number
  /** Ids of messages that a crash may have left in the queue and that have not been seen again yet. */
  awaited: string[]
  /** How often it has waited for invisible messages. */
  waits: number
  /** Some were held for so long that a consumer may have had them. */
  isLate?: true
}

const TURN_MS = 45_000
/** Longer than a chunk takes, so that nobody else receives its messages meanwhile; not much longer, because after a crash it has to pass. */
const HELD_SECONDS = 120
/** A queue that is nearly empty brings messages one by one. */
const COLLECT_MS = 20_000
/** Until then it is sure that they are invisible to others. */
const SURE_MS = (HELD_SECONDS - 15) * 1000
const WAIT_SECONDS = 30
/** By then, everything that it had received itself is visible again. */
const MOST_WAITS = 1 + HELD_SECONDS / WAIT_SECONDS
const CHUNK_MESSAGES = 500
const CHUNK_BYTES = 4 * 1024 ** 2

interface Extent {
  queue: SqsQueue
  /** How many stay. */
  keep: number
  /** At most how many are taken. */
  most: number
  /** From so many on it is a backlog. */
  level: number
}

export async function copySqsTurn(tools: Tools, state: unknown, source: Source, extent: Extent): Promise<Turn> {
  const { queue, keep, most, level } = extent
  const folder = folderOf(source.run, source.queue)
  const begun = tools.now()
  let progress = await resume(tools, folder, extent, state as Progress | undefined)
  const going = (againInSeconds: number): Turn => ({
    going: `${inWords(progress.count)} of ${inWords(progress.goal)} are in S3`,
    againInSeconds,
    state: progress,
  })
  while (progress.count < progress.goal || progress.awaited.length > 0) {
    const next = await keepChunk(tools, folder, queue, progress)
    if (next === 'nothing there') {
      // After a crash, what it had received is invisible, like the messages that consumers are working on.
      const mayComeBack = progress.waits < MOST_WAITS && (await queueCalled(tools, queue.name)).received > 0
      if (!mayComeBack) break
      progress = { ...progress, waits: progress.waits + 1 }
      return going(WAIT_SECONDS)
    }
    progress = next
    if (tools.now() - begun > TURN_MS) return going(1)
  }
  const { messages: left } = await queueCalled(tools, queue.name)
  // Publishers were faster: without the rest, it would not help.
  if (progress.count >= progress.goal && progress.count < most && left >= level) {
    progress = { ...progress, goal: Math.min(most, progress.count + toRemove(left, keep)) }
    return going(1)
  }
  return { done: await finish(tools, folder, source, { progress, most }), state: progress }
}

async function keepChunk(
  tools: Tools,
  folder: string,
  queue: SqsQueue,
  progress: Progress,
): Promise<Progress | 'nothing there'> {
  const most = Math.min(CHUNK_MESSAGES, progress.goal - progress.count + progress.awaited.length)
  const held = await collect(tools, queue.url, most)
  if (held.all.length === 0) return 'nothing there'
  const known = new Set(progress.awaited)
  const again = held.all.filter(({ MessageId = '' }) => known.has(MessageId))
  // What was awaited may be gone for good: no more new ones than were meant; the others become visible again.
  const fresh = held.all.filter(({ MessageId = '' }) => !known.has(MessageId)).slice(0, progress.goal - progress.count)
  const received = [...again, ...fresh]
  if (received.length === 0) return 'nothing there'
  let heldSince = held.since
  if (fresh.length > 0) {
    const { text, sum } = chunkOf(folder, progress.chunks + 1, progress.count, fresh.map(asKept))
    // Each time a message comes back counts towards its way into the dead letters.
    const holdOn = async (): Promise<void> => {
      const now = tools.now()
      if (await extend(tools, queue.url, received, HELD_SECONDS)) heldSince = now
    }
    await storePatiently(tools, { key: chunkKey(folder, sum.chunk), text, count: fresh.length, holdOn })
    const isLate = (): boolean => tools.now() - heldSince > SURE_MS
    if (isLate()) await note(tools, folder, { ...sum, doubt: TOO_LATE })
    const left = await remove(tools, queue.url, received)
    const doubt = isLate()
      ? TOO_LATE
      : left.length > 0
        ? `SQS has not deleted ${inWords(left.length)} of them`
        : undefined
    await note(tools, folder, { ...sum, ...(doubt !== undefined && { doubt }) })
    progress = {
      ...progress,
      chunks: sum.chunk,
      count: progress.count + sum.count,
      bytes: progress.bytes + sum.bytes,
    }
    return {
      ...progress,
      awaited: stillAwaited(progress.awaited, again, left),
      ...lateness(progress, doubt === TOO_LATE),
    }
  }
  const left = await remove(tools, queue.url, received)
  return { ...progress, awaited: stillAwaited(progress.awaited, again, left) }
}

const note = ({ evidence }: Tools, folder: string, sum: ChunkSum): Promise<void> =>
  evidence.put(sumKey(folder, sum.chunk), JSON.stringify(sum))

const TOO_LATE = 'it took so long to keep them that a consumer may have had some since'

/** That doubt stays, whatever comes again. */
const lateness = ({ isLate }: Progress, now: boolean): Pick<Progress, 'isLate'> =>
  isLate || now ? { isLate: true } : {}

function stillAwaited(awaited: readonly string[], again: readonly Received[], left: readonly Received[]): string[] {
  const seen = new Set(again.map(({ MessageId }) => MessageId))
  return [...new Set([...awaited.filter((id) => !seen.has(id)), ...left.map(({ MessageId = '' }) => MessageId)])]
}

interface Held {
  all: Received[]
  /** When the first of them was received, in ms. */
  since: number
}

/** Each message once: a standard queue may deliver one twice. The newest receipt counts. */
async function collect(tools: Tools, url: string, most: number): Promise<Held> {
  const held = new Map<string, Received>()
  const since = tools.now()
  let bytes = 0
  while (held.size < most && bytes < CHUNK_BYTES && tools.now() - since < COLLECT_MS) {
    const room = held.size === 0 ? 1 : (CHUNK_BYTES - bytes) / (bytes / held.size)
    const shares = sharesOf(most - held.size, room, url)
    const received = await oneRound(tools, url, shares, held.size > 0)
    if (received.length === 0) break
    for (const message of received) {
      held.set(message.MessageId ?? '', message)
      bytes += message.Body?.length ?? 0
    }
  }
  return { all: [...held.values()], since }
}

/** What is held already is stored first, whatever fails. */
async function oneRound(tools: Tools, url: string, shares: readonly number[], isHolding: boolean): Promise<Received[]> {
  try {
    const calls = shares.map((share) => () => receive(tools, url, { visibilitySeconds: HELD_SECONDS, most: share }))
    return (await together(calls)).flat()
  } catch (error) {
    if (!isHolding) throw error
    return []
  }
}

/** How many each receive of a round asks for. `room`: messages of that size that still fit; a FIFO queue is received in order. */
function sharesOf(most: number, room: number, url: string): number[] {
  const receives = url.endsWith('.fifo') ? 1 : Math.min(TOGETHER, room / RECEIVED_MOST, most / RECEIVED_MOST)
  return Array.from({ length: Math.max(1, Math.ceil(receives)) }, (_, place) =>
    Math.min(RECEIVED_MOST, most - place * RECEIVED_MOST),
  )
}

const asKept = ({ MessageId, Body = '', Attributes = {}, MessageAttributes = {} }: Received): KeptMessage => ({
  body: Buffer.from(Body).toString('base64'),
  properties: {
    messageId: MessageId,
    system: Attributes,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        BinaryValue
          ? { DataType, BinaryValue: Buffer.from(BinaryValue).toString('base64') }
          : { DataType, StringValue },
      ]),
    ),
  },
  exchange: '',
  routingKey: '',
  redelivered: Number(Attributes['ApproximateReceiveCount'] ?? 1) > 1,
})

/** A stored chunk is kept; the ids that come again show whether it was deleted too. */
async function resume(
  tools: Tools,
  folder: string,
  { queue, keep, most }: Extent,
  known: Progress | undefined,
): Promise<Progress> {
  const { evidence } = tools
  const keys = new Set(await evidence.list(folder))
  const at = known ? { ...known } : { chunks: 0, count: 0, bytes: 0, goal: Infinity, awaited: [], waits: 0 }
  while (keys.has(chunkKey(folder, at.chunks + 1))) {
    const chunk = at.chunks + 1
    const lines = linesOf((await evidence.get(chunkKey(folder, chunk))) ?? '')
    let { sum } = chunkOf(
      folder,
      chunk,
      at.count,
      lines.map(({ id: _, ...message }) => message),
    )
    if (!keys.has(sumKey(folder, chunk))) {
      sum = {
        ...sum,
        doubt: 'a crash came before it was known whether they were deleted: a consumer may have had some since',
      }
      await evidence.put(sumKey(folder, chunk), JSON.stringify(sum))
    }
    // Without a turn's record it is unknown how long ago that was: all messages of a chunk in doubt may come again.
    const stored = JSON.parse((await evidence.get(sumKey(folder, chunk))) ?? '{}') as Partial<ChunkSum>
    if (stored.doubt !== undefined)
      at.awaited = [...at.awaited, ...lines.map(({ properties }) => String(properties['messageId']))]
    Object.assign(at, { chunks: chunk, count: at.count + sum.count, bytes: at.bytes + sum.bytes })
  }
  const left = toRemove((await queueCalled(tools, queue.name)).messages, keep)
  return { ...at, goal: known?.goal ?? (await startOf(tools, folder, { goal: Math.min(most, left) })).goal }
}

async function finish(
  { evidence }: Tools,
  folder: string,
  source: Source,
  { progress, most }: { progress: Progress; most: number },
): Promise<string> {
  let sums = await sumsAt({ evidence }, sumKeysIn(await evidence.list(folder)))
  // All that a crash had left in doubt came back, and was deleted then.
  if (progress.awaited.length === 0 && !progress.isLate) sums = sums.map(({ doubt: _, ...sum }) => sum)
  const manifest = manifestOf(source, sums)
  await evidence.put(manifestKey(folder), JSON.stringify(manifest, null, 2))
  const notes = [
    manifest.doubtful > 0 && `a consumer may have had ${inWords(manifest.doubtful)} of them as well (see the manifest)`,
    progress.count >= most && 'what is left is beyond what was approved, and stays',
  ].filter((note) => note !== false)
  return [
    `${inWords(manifest.count)} (${size(manifest.bytes)}) are in ${evidence.place(folder)} and out of ${source.queue}`,
    ...notes,
  ].join('; ')
}
