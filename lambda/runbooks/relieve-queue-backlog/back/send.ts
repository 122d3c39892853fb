// Sends kept messages back: in order, at a rate, each once. A batch is noted before it goes; what a crash left in doubt is sought in the queue.
import { idOf, type ChunkSum, type KeptLine } from '../kept/kept.ts'
import { duration } from '../../../core/words/words.ts'
import { batchSize, fateOf, type Looked, type Progress } from './progress.ts'
import type { Evidence } from '../../../ports/tools.ts'
import { chunkIn, saveProgress, type KeptQueue } from './kept.ts'
import type { Outlet } from './outlet.ts'

export interface Sending {
  evidence: Evidence
  outlet: Outlet
  perSecond: number
  /** How many to send this time. */
  limit: number
  clock: { now(): number; sleep(ms: number): Promise<unknown> }
  /** It stops when the queue has taken nothing for so long, in ms. */
  giveUpMs: number
  /** Called after each batch, and with the reason when it waits. */
  tell(sent: number, waits?: string): void
}

const PAUSE_MS = 1_000

export interface Sent {
  count: number
  progress: Progress
  /** Why it stopped before the end. */
  why?: string
}

/** Messages in flight when the last one was stopped are settled first. `sendsUncertain`: also sends those whose fate is unknown. */
export async function settled(
  { evidence, outlet }: Pick<Sending, 'evidence' | 'outlet'>,
  { folder, progress }: KeptQueue,
  sendsUncertain: boolean,
): Promise<Progress> {
  const { open, done } = progress
  const fate = open.length === 0 ? undefined : fateOf(progress, await lookFor(outlet, folder, done))
  const uncertain = [...progress.uncertain, ...(fate?.uncertain ?? [])]
  const unsent = [...progress.unsent, ...(fate?.send ?? []), ...(sendsUncertain ? uncertain : [])]
  return saveProgress(evidence, folder, {
    ...progress,
    open: [],
    unsent: unsent.toSorted((a, b) => a - b),
    uncertain: sendsUncertain ? [] : uncertain,
    ended: false,
  })
}

async function lookFor(outlet: Outlet, folder: string, below: number): Promise<Looked | undefined> {
  const looked = await outlet.look()
  if (!looked) return undefined
  const places = [...Array(below).keys()].filter((place) => looked.ids.has(idOf(folder, place)))
  return { found: new Set(places), consumers: looked.consumers }
}

/** Messages known to be unsent go first. */
export async function send(sending: Sending, kept: KeptQueue, from: Progress): Promise<Sent> {
  const { evidence, limit, perSecond, tell, clock, giveUpMs } = sending
  const { folder, manifest } = kept
  const linesAt = reader(evidence, kept)
  const size = batchSize(perSecond)
  let [progress, count, due] = [from, 0, clock.now()]
  while (count < limit && (progress.unsent.length > 0 || progress.done < manifest.count)) {
    const most = Math.min(size, limit - count)
    const again = progress.unsent.slice(0, most)
    const places = again.length > 0 ? again : range(progress.done, Math.min(manifest.count, progress.done + most))
    progress = { ...progress, unsent: progress.unsent.slice(again.length) }
    const went = await sendAll(
      { ...sending, folder },
      { lines: await linesAt(places), places },
      progress,
      (sent, waits) => tell(count + sent, waits),
    )
    progress = went.progress
    count += went.sent
    if (went.sent < places.length)
      return { count, progress: await ended(evidence, folder, progress), why: whyFull(giveUpMs) }
    tell(count)
    // Time lost by waiting is not made up for with a burst.
    due = Math.max(due + (places.length / perSecond) * 1000, clock.now() - PAUSE_MS)
    await clock.sleep(Math.max(0, due - clock.now()))
  }
  return { count, progress: await ended(evidence, folder, progress) }
}

const ended = (evidence: Evidence, folder: string, progress: Progress): Promise<Progress> =>
  saveProgress(evidence, folder, { ...progress, ended: true })

const whyFull = (ms: number): string => `the queue took no more for ${duration(ms)}`

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** Holds one chunk at a time. */
function reader(
  evidence: Evidence,
  { folder, manifest }: KeptQueue,
): (places: readonly number[]) => Promise<KeptLine[]> {
  let loaded: { sum: ChunkSum; lines: KeptLine[] } | undefined
  return async (places) => {
    const lines: KeptLine[] = []
    for (const place of places) {
      const sum = manifest.chunks.findLast(({ first }) => first <= place)!
      if (loaded?.sum !== sum) loaded = { sum, lines: await chunkIn(evidence, folder, sum) }
      lines.push(loaded.lines[place - sum.first]!)
    }
    return lines
  }
}

interface Batch {
  lines: readonly KeptLine[]
  places: readonly number[]
}

/** Notes what is in flight, sends it, and resends what a full queue refuses, until there is room or nobody makes any. */
async function sendAll(
  { outlet, evidence, folder, clock, giveUpMs }: Sending & { folder: string },
  { lines, places }: Batch,
  begun: Progress,
  tell: Sending['tell'],
): Promise<{ progress: Progress; sent: number }> {
  const end = clock.now() + giveUpMs
  const done = Math.max(begun.done, places.at(-1)! + 1)
  let left = lines
  const noted = (progress: Progress, as: 'open' | 'unsent'): Promise<Progress> => {
    const its = left.map((line) => places[lines.indexOf(line)]!)
    const unsent = as === 'unsent' ? [...its, ...begun.unsent] : begun.unsent
    return saveProgress(evidence, folder, { ...progress, done, open: as === 'open' ? its : [], unsent, ended: false })
  }
  for (let progress = begun; ;) {
    const blocked = await outlet.blocked()
    if (blocked === undefined) {
      progress = await noted(progress, 'open')
      const refused = await outlet.send(left)
      left = left.filter((line) => refused.has(line))
      if (left.length === 0) return { progress: { ...progress, open: [] }, sent: lines.length }
    }
    progress = await noted(progress, 'unsent')
    const sent = lines.length - left.length
    if (clock.now() > end) return { progress, sent }
    tell(sent, blocked ?? 'the queue is full')
    await clock.sleep(PAUSE_MS)
  }
}
