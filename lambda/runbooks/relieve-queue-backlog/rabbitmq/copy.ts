// Copies a queue to S3 chunk by chunk, and removes a chunk only once its copy is safe. Settles what a crash left in doubt before it goes on.
import { CHUNK, grouped, messages as inWords, size, toRemove } from '../backlog.ts'
import { complete, isOursAlone, uncountedDoubt } from './doubt.ts'
import {
  chunkKey,
  chunkOf,
  folderOf,
  manifestKey,
  manifestOf,
  sumKey,
  sumKeysIn,
  type ChunkSum,
  type Source,
} from '../kept/kept.ts'
import { hold, NOTHING, plus, type Extent, type Known, type Progress, type Way } from './progress.ts'
import { startOf } from '../kept/start.ts'
import { sumsAt } from '../kept/stored.ts'
import type { BrokerQueue } from '../../../ports/broker.ts'
import { Refused, type Tools, type Turn } from '../../runbook.ts'

/** A function lives for 15 minutes; turns that end sooner show people the progress, and leave less to repeat after a crash. */
const TURN_MS = 45_000
/** The broker counts its queues every 5 seconds, and reports that up to 5 seconds later. */
export const COUNTED_SECONDS = 10

/** `counted`: it has waited until the broker had counted all that it took. */
interface State {
  progress?: Progress
  counted?: true
  /** The doubt for which it has waited so. */
  waitedFor?: string
}

export async function copyTurn(tools: Tools, state: unknown, source: Source, extent: Extent): Promise<Turn> {
  const folder = folderOf(source.run, source.queue)
  const begun = tools.now()
  const { progress: known, counted, waitedFor } = (state ?? {}) as State
  const keys = await tools.evidence.list(folder)
  const doubt = await uncountedDoubt(tools, keys, folder)
  if (doubt !== undefined && doubt !== waitedFor)
    return {
      going: 'waits until the broker has counted again',
      againInSeconds: COUNTED_SECONDS,
      state: { ...(known && { progress: known }), waitedFor: doubt } satisfies State,
    }
  const way = { folder, queue: source.queue, extent }
  let progress = await resume(tools, way, keys, known)
  while (progress.count < progress.goal) {
    const most = Math.min(CHUNK.messages, progress.goal - progress.count)
    const sum = await keepChunk(tools, way, progress, most)
    if (!sum) break
    progress = { ...progress, ...plus(progress, sum) }
    if (tools.now() - begun > TURN_MS && progress.count < progress.goal)
      return {
        going: `${grouped(progress.count)} of ${inWords(progress.goal)} are in S3`,
        againInSeconds: 1,
        state: { progress } satisfies State,
      }
  }
  const ended = await finish(tools, way, source, { progress, mayWait: !counted && extent.followed !== true })
  if (ended !== undefined) return { done: ended, state: { progress } satisfies State }
  return {
    going: 'waits until the broker has counted what was taken',
    againInSeconds: COUNTED_SECONDS,
    state: { progress, counted: true } satisfies State,
  }
}

/** How many a copy has kept by now. */
export const countIn = (state: unknown): number => (state as State).progress?.count ?? 0

/** One chunk: taken, stored, verified, removed, and only then counted. Undefined if nothing is waiting. */
async function keepChunk(
  tools: Tools,
  way: Way,
  { chunks, count: before }: Known,
  most: number,
): Promise<ChunkSum | undefined> {
  const { folder, queue, extent } = way
  const { broker, evidence } = tools
  let stored: ChunkSum | undefined
  await broker.take(queue, { messages: most, bytes: CHUNK.bytes, leave: extent.keep }, async (messages) => {
    const { text, sum } = chunkOf(folder, chunks + 1, before, messages)
    await hold(tools, way, text, { sum, messages })
    stored = sum
    return 'remove'
  })
  if (stored) await evidence.put(sumKey(folder, stored.chunk), JSON.stringify(stored))
  return stored
}

/** Picks up where the last turn, or a crash since, left off. */
async function resume(
  tools: Tools,
  way: Way,
  listed: readonly string[],
  known: Progress | undefined,
): Promise<Progress> {
  const { folder, queue, extent } = way
  const keys = new Set(listed)
  const now = await queueNow(tools, queue)
  const left = toRemove(now?.messages ?? 0, extent.keep)
  const start = await startOf(tools, folder, {
    goal: Math.min(extent.most, left),
    ...(now?.totals && { totals: now.totals }),
  })
  let at: Known = known ?? NOTHING
  for (;;) {
    for (const sum of await sumsBehind(tools, folder, keys, at.chunks)) at = plus(at, sum)
    const chunk = at.chunks + 1
    if (!keys.has(chunkKey(folder, chunk))) break
    for (const sum of await complete(tools, way, { chunk, at, start, now })) at = plus(at, sum)
  }
  const meant = extent.all ? extent.most : Math.min(extent.most, known?.goal ?? start.goal)
  // Messages that a crash left with a hung connection count as well: they come back. Less is left if consumers helped.
  return { ...at, goal: Math.min(meant, at.count + left) }
}

const queueNow = async ({ broker }: Tools, queue: string): Promise<BrokerQueue | undefined> =>
  (await broker.queues()).find(({ name }) => name === queue)

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

/** Says what was achieved; undefined if it should wait until the broker has counted. */
async function finish(
  tools: Tools,
  { folder, extent }: Way,
  source: Source,
  { progress: { count, goal }, mayWait }: { progress: Progress; mayWait: boolean },
): Promise<string | undefined> {
  let sums = await sumsAt(tools, sumKeysIn(await tools.evidence.list(folder)))
  const now = await queueNow(tools, source.queue)
  if (sums.some(({ doubt }) => doubt !== undefined)) {
    const { totals } = await startOf(tools, folder, { goal })
    if (isOursAlone(totals, now?.totals, sums)) sums = await withoutDoubt(tools, folder, sums)
    else if (mayWait && totals) return undefined
  }
  const held = now ? now.messages - now.ready : 0
  if (sums.length === 0 && goal > 0)
    throw new Refused(
      held > 0
        ? `nothing could be taken out of ${source.queue}: ${inWords(held)} are with consumers that have not acknowledged them; restart those`
        : `nothing could be taken out of ${source.queue}: its consumers were faster`,
    )
  const manifest = manifestOf(source, sums)
  await tools.evidence.put(manifestKey(folder), JSON.stringify(manifest, null, 2))
  const left = toRemove(now?.messages ?? 0, extent.keep)
  const notes = [
    manifest.doubtful > 0 &&
      `${grouped(manifest.doubtful)} of these messages may be in the queue as well, or a consumer may have had them (see the manifest)`,
    count >= extent.most &&
      left > 0 &&
      `what is left is beyond the ${inWords(extent.most)} that were approved, and stays`,
    count < goal && held > 0 && `${inWords(held)} more are with consumers that have not acknowledged them`,
  ].filter((note) => note !== false)
  return (
    [
      `${inWords(manifest.count)} (${size(manifest.bytes)}) are in ${tools.evidence.place(folder)} and out of ${source.queue}; chunks: ${sums.length}, SHA-256 ${manifest.sha256.slice(0, 12)}…`,
      ...notes,
    ].join('; ') + `. To send them back: npx tocsin republish --run ${source.run}`
  )
}

async function withoutDoubt({ evidence }: Tools, folder: string, sums: ChunkSum[]): Promise<ChunkSum[]> {
  const clear = sums.map(({ doubt: _, ...sum }): ChunkSum => sum)
  for (const [place, sum] of clear.entries())
    if (sums[place]!.doubt !== undefined) await evidence.put(sumKey(folder, sum.chunk), JSON.stringify(sum))
  return clear
}
