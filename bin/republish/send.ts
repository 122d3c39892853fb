// Sends kept messages back: in order, at a rate, each once. Before a batch goes, it is noted; what a crash left in doubt is looked for in the queue.
import { setTimeout as sleep } from 'node:timers/promises'
import { QueueFull } from '../../lambda/adapters/rabbitmq-amqp.ts'
import { idOf, type ChunkSum, type KeptLine } from '../../lambda/core/kept.ts'
import { batchSize, fateOf, idIn, marked, type Looked, type Progress } from '../../lambda/core/republish.ts'
import type { Broker, Evidence } from '../../lambda/ports.ts'
import { chunkIn, saveProgress, type KeptQueue } from './kept.ts'

export interface Sending {
  evidence: Evidence
  broker: Broker
  perSecond: number
  /** How many this time. */
  limit: number
  /** Told after each batch, and why it waits. */
  tell(sent: number, waits?: string): void
}

/** Far more than fit into a queue with a limit; to look at them, this process holds them all. */
const MOST_LOOKED_AT = 50_000
/** A queue that is full for so long has no consumer. */
const GIVE_UP_MS = 10 * 60_000
const PAUSE_MS = 1_000

export interface Sent {
  count: number
  progress: Progress
  /** Why it stopped before its end. */
  why?: string
}

/** What was under way when the last one was stopped is settled first. `sendsUncertain`: also what nobody can find out. */
export async function settled(
  { evidence, broker }: Pick<Sending, 'evidence' | 'broker'>,
  { folder, manifest, progress }: KeptQueue,
  sendsUncertain: boolean,
): Promise<{ progress: Progress; again: number[] }> {
  const fate =
    progress.open.length === 0
      ? undefined
      : fateOf(progress, await lookFor(broker, folder, manifest.queue, progress.done))
  const uncertain = [...progress.uncertain, ...(fate?.uncertain ?? [])]
  const again = [...(fate?.send ?? []), ...(sendsUncertain ? uncertain : [])].toSorted((a, b) => a - b)
  const next = { ...progress, open: again, uncertain: sendsUncertain ? [] : uncertain }
  await saveProgress(evidence, folder, next)
  return { progress: next, again }
}

/** Takes all of the queue, unacknowledged, and gives it back: nothing is consumed, and the order stays. */
async function lookFor(broker: Broker, folder: string, queue: string, below: number): Promise<Looked | undefined> {
  const now = (await broker.queues()).find(({ name }) => name === queue)
  if (!now || now.messages > MOST_LOOKED_AT) return undefined
  const ids = new Set<string>()
  await broker.take(queue, MOST_LOOKED_AT, async (messages) => {
    for (const message of messages) ids.add(idIn(message) ?? '')
    return 'return'
  })
  const places = [...Array(below).keys()].filter((place) => ids.has(idOf(folder, place)))
  return { found: new Set(places), consumers: now.consumers }
}

export async function send(sending: Sending, kept: KeptQueue, from: Progress, again: number[]): Promise<Sent> {
  const { evidence, limit } = sending
  const { folder, manifest } = kept
  const size = batchSize(sending.perSecond)
  const end = Math.min(manifest.count, from.done + Math.max(0, limit - again.length))
  let [progress, count] = [from, 0]
  let loaded: { sum: ChunkSum; lines: KeptLine[] } | undefined
  const lineAt = async (place: number): Promise<KeptLine> => {
    const sum = manifest.chunks.findLast(({ first }) => first <= place)!
    if (loaded?.sum !== sum) loaded = { sum, lines: await chunkIn(evidence, folder, sum) }
    return loaded.lines[place - sum.first]!
  }
  const todo = again.slice(0, limit)
  const later = again.slice(limit)
  let due = Date.now()
  while (todo.length > 0 || progress.done < end) {
    const places = todo.length > 0 ? todo.splice(0, size) : range(progress.done, Math.min(end, progress.done + size))
    const lines: KeptLine[] = []
    for (const place of places) lines.push(await lineAt(place))
    const done = Math.max(progress.done, places.at(-1)! + 1)
    progress = { ...progress, done, open: [...places, ...todo, ...later], ended: false }
    await saveProgress(evidence, folder, progress)
    const left = await publishAll(sending, folder, manifest.queue, lines, progress, count)
    count += places.length - left.length
    if (left.length > 0) {
      progress = { ...progress, open: [...left, ...todo, ...later], ended: true }
      await saveProgress(evidence, folder, progress)
      return { count, progress, why: `the queue was full for ${GIVE_UP_MS / 60_000} minutes` }
    }
    sending.tell(count)
    due = Math.max(due + (places.length / sending.perSecond) * 1000, Date.now() - PAUSE_MS)
    await sleep(Math.max(0, due - Date.now()))
  }
  progress = { ...progress, open: later, ended: true }
  await saveProgress(evidence, folder, progress)
  return { count, progress }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** Sends those again that a full queue refuses, until it has room. Returns the places that it did not take. */
async function publishAll(
  { broker, evidence, tell }: Sending,
  folder: string,
  queue: string,
  lines: readonly KeptLine[],
  progress: Progress,
  before: number,
): Promise<number[]> {
  const placeOf = new Map(lines.map((line) => [line, progress.open[lines.indexOf(line)]!]))
  let left = [...lines]
  const end = Date.now() + GIVE_UP_MS
  while (left.length > 0) {
    while ((await broker.nodes()).some(({ blocked }) => blocked)) {
      if (Date.now() > end) return left.map((line) => placeOf.get(line)!)
      tell(before + lines.length - left.length, 'the broker blocks publishers')
      await sleep(PAUSE_MS)
    }
    const messages = left.map(marked)
    try {
      await broker.publish(queue, messages)
      return []
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error
      left = left.filter((_, i) => error.refused.includes(messages[i]!))
      const open = left.map((line) => placeOf.get(line)!)
      await saveProgress(evidence, folder, { ...progress, open: [...open, ...progress.open.slice(lines.length)] })
      if (Date.now() > end) return open
      tell(before + lines.length - left.length, 'the queue is full')
      await sleep(PAUSE_MS)
    }
  }
  return []
}
