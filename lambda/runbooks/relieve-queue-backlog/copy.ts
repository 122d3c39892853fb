// Copies a queue to S3 chunk by chunk, and removes a chunk only once its copy is safe. Settles what a crash left in doubt before it goes on.
import { grouped, messages as inWords, size, toRemove } from './backlog.ts'
import {
  chunkKey,
  chunkOf,
  comparedKey,
  folderOf,
  goalKey,
  linesOf,
  manifestKey,
  manifestOf,
  sumKey,
  sumKeysIn,
  verdictOn,
  type ChunkSum,
  type Manifest,
} from './kept.ts'
import type { Tools, Turn } from '../runbook.ts'

export type Source = Pick<Manifest, 'run' | 'service' | 'kind' | 'vhost' | 'queue'>

interface Progress {
  /** Chunks whose messages are known to be removed. */
  chunks: number
  count: number
  bytes: number
  /** How many there will be in the end. */
  goal: number
}

/** A function lives for 15 minutes; turns that end sooner show people the progress, and leave less to repeat after a crash. */
const TURN_MS = 45_000
/** Requests to S3 at a time. */
const AT_ONCE = 16

export interface Extent {
  /** Messages in a chunk. */
  chunk: number
  /** How many stay. */
  keep: number
  /** Also takes what publishers add meanwhile: for a queue that cannot grow any more. */
  all?: boolean
}

export async function copyTurn(tools: Tools, state: unknown, source: Source, extent: Extent): Promise<Turn> {
  const folder = folderOf(source.run, source.queue)
  const begun = tools.now()
  let progress = await resume(tools, { folder, queue: source.queue }, extent, state as Progress | undefined)
  while (progress.count < progress.goal) {
    const most = Math.min(extent.chunk, progress.goal - progress.count)
    const sum = await keepChunk(tools, { folder, queue: source.queue }, progress, most)
    if (!sum) break
    progress = { ...progress, ...plus(progress, sum) }
    if (tools.now() - begun > TURN_MS && progress.count < progress.goal)
      return {
        going: `${grouped(progress.count)} of ${inWords(progress.goal)} are in S3`,
        againInSeconds: 1,
        state: progress,
      }
  }
  return { done: await finish(tools, folder, source), state: progress }
}

const plus = ({ chunks, count, bytes }: Omit<Progress, 'goal'>, sum?: ChunkSum): Omit<Progress, 'goal'> =>
  sum ? { chunks: chunks + 1, count: count + sum.count, bytes: bytes + sum.bytes } : { chunks, count, bytes }

/** From a queue into a folder. */
interface Way {
  queue: string
  folder: string
}

/** One chunk: taken, stored, verified, removed, and only then counted. Undefined if nothing is waiting. */
async function keepChunk(
  { broker, evidence }: Tools,
  { folder, queue }: Way,
  { chunks, count: before }: Progress,
  most: number,
): Promise<ChunkSum | undefined> {
  let stored: ChunkSum | undefined
  await broker.take(queue, most, async (messages) => {
    const { text, sum } = chunkOf(folder, chunks + 1, before, messages)
    await evidence.put(chunkKey(folder, sum.chunk), text)
    stored = sum
    return 'remove'
  })
  if (stored) await evidence.put(sumKey(folder, stored.chunk), JSON.stringify(stored))
  return stored
}

/** Picks up where the last turn, or a crash since, left off. */
async function resume(
  tools: Tools,
  { folder, queue }: Way,
  { keep, all = false }: Extent,
  known: Progress | undefined,
): Promise<Progress> {
  const keys = new Set(await tools.evidence.list(folder))
  let at = known ?? { chunks: 0, count: 0, bytes: 0 }
  for (;;) {
    for (const sum of await sumsBehind(tools, folder, keys, at.chunks)) at = plus(at, sum)
    const chunk = at.chunks + 1
    if (!keys.has(chunkKey(folder, chunk))) break
    at = plus(at, await complete(tools, folder, queue, { chunk, first: at.count }))
  }
  const now = (await tools.broker.queues()).find(({ name }) => name === queue)
  // Messages that a crash left with a hung connection count as well: they come back.
  const left = toRemove(now?.messages ?? 0, keep)
  const meant = all ? Infinity : (known?.goal ?? (await firstGoal(tools, folder, left)))
  // Not more than was meant at first, whatever publishers add; less if consumers helped.
  return { ...plus(at), goal: Math.min(meant, at.count + left) }
}

/** The sums that follow `chunks` without a gap. */
async function sumsBehind(
  tools: Tools,
  folder: string,
  keys: ReadonlySet<string>,
  chunks: number,
): Promise<ChunkSum[]> {
  const wanted: string[] = []
  for (let n = chunks + 1; keys.has(sumKey(folder, n)); n++) wanted.push(sumKey(folder, n))
  return sumsAt(tools, wanted)
}

/** Stored, so that a turn after one that died without a record knows it too. */
export async function firstGoal({ evidence }: Tools, folder: string, goal: number): Promise<number> {
  const written = await evidence.get(goalKey(folder))
  if (written !== undefined) return Number(written)
  await evidence.put(goalKey(folder), String(goal))
  return goal
}

/** A chunk was stored, and it is unknown whether its messages were removed: the head of the queue shows it. */
async function complete(
  tools: Tools,
  folder: string,
  queue: string,
  { chunk, first }: Pick<ChunkSum, 'chunk' | 'first'>,
): Promise<ChunkSum> {
  const { broker, evidence } = tools
  const stored = linesOf(await textAt(tools, chunkKey(folder, chunk)))
  const compared = (await evidence.get(comparedKey(folder, chunk))) !== undefined
  // Looking marks messages as redelivered: whoever looks next must know that it may have been us.
  await evidence.put(comparedKey(folder, chunk), '{}')
  const consumers = (await broker.queues()).find(({ name }) => name === queue)?.consumers ?? 0
  let sum = chunkOf(
    folder,
    chunk,
    first,
    stored.map(({ id: _, ...message }) => message),
  ).sum
  await broker.take(queue, stored.length, async (messages) => {
    const verdict = verdictOn(stored, messages, { consumers, compared })
    if (verdict.is === 'came back') {
      const again = chunkOf(folder, chunk, first, messages)
      await evidence.put(chunkKey(folder, chunk), again.text)
      sum = again.sum
      return 'remove'
    }
    if (verdict.doubt !== undefined) sum = { ...sum, doubt: verdict.doubt }
    await evidence.put(sumKey(folder, chunk), JSON.stringify(sum))
    return 'return'
  })
  await evidence.put(sumKey(folder, chunk), JSON.stringify(sum))
  return sum
}

async function textAt({ evidence }: Tools, key: string): Promise<string> {
  const text = await evidence.get(key)
  if (text === undefined) throw new Error(`${evidence.place(key)} is listed, but cannot be read`)
  return text
}

const sumAt = async (tools: Tools, key: string): Promise<ChunkSum> => JSON.parse(await textAt(tools, key)) as ChunkSum

async function sumsAt(tools: Tools, keys: readonly string[]): Promise<ChunkSum[]> {
  const sums: ChunkSum[] = []
  for (let i = 0; i < keys.length; i += AT_ONCE)
    sums.push(...(await Promise.all(keys.slice(i, i + AT_ONCE).map((key) => sumAt(tools, key)))))
  return sums
}

async function finish(tools: Tools, folder: string, source: Source): Promise<string> {
  const sums = await sumsAt(tools, sumKeysIn(await tools.evidence.list(folder)))
  const manifest = manifestOf(source, sums)
  await tools.evidence.put(manifestKey(folder), JSON.stringify(manifest, null, 2))
  const doubt =
    manifest.doubtful === 0 ? '' : `; ${inWords(manifest.doubtful)} may be in the queue as well (see the manifest)`
  return `${inWords(manifest.count)} (${size(manifest.bytes)}) are in ${tools.evidence.place(folder)} and out of ${source.queue}; chunks: ${sums.length}, SHA-256 ${manifest.sha256.slice(0, 12)}…${doubt}. To send them back: npx tocsin republish --run ${source.run}`
}
