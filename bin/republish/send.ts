// Sends kept messages back: in order, at a rate, each once. Before a batch goes, it is noted; what a crash left in doubt is looked for in the queue.
import { setTimeout as sleep } from 'node:timers/promises'
import { QueueFull } from '../../lambda/adapters/rabbitmq-amqp.ts'
import { idOf, type ChunkSum, type KeptLine } from '../../lambda/core/kept.ts'
import { batchSize, fateOf, idIn, marked, type Looked, type Progress } from '../../lambda/core/republish.ts'
import type { Broker, BrokerMessage, Evidence } from '../../lambda/ports.ts'
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
): Promise<Progress> {
  const { open, done } = progress
  const fate = open.length === 0 ? undefined : fateOf(progress, await lookFor(broker, folder, manifest.queue, done))
  const uncertain = [...progress.uncertain, ...(fate?.uncertain ?? [])]
  const again = [...(fate?.send ?? []), ...(sendsUncertain ? uncertain : [])]
  return saveProgress(evidence, folder, {
    ...progress,
    open: again.toSorted((a, b) => a - b),
    uncertain: sendsUncertain ? [] : uncertain,
    ended: false,
  })
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

/** `from`: its `open` were not sent, and go first. */
export async function send(sending: Sending, kept: KeptQueue, from: Progress): Promise<Sent> {
  const { evidence, limit, perSecond } = sending
  const { folder, manifest } = kept
  const linesAt = reader(evidence, kept)
  const size = batchSize(perSecond)
  const [again, later] = [from.open.slice(0, limit), from.open.slice(limit)]
  const end = Math.min(manifest.count, from.done + Math.max(0, limit - again.length))
  let [progress, count, due] = [from, 0, Date.now()]
  while (again.length > 0 || progress.done < end) {
    const places = again.length > 0 ? again.splice(0, size) : range(progress.done, Math.min(end, progress.done + size))
    const lines = await linesAt(places)
    const rest = [...again, ...later]
    progress = {
      ...progress,
      done: Math.max(progress.done, places.at(-1)! + 1),
      open: [...places, ...rest],
      ended: false,
    }
    progress = await saveProgress(evidence, folder, progress)
    const went = await publishAll(sending, kept, { lines, places, rest }, progress, count)
    progress = went.progress
    count += places.length - went.left
    if (went.left > 0)
      return { count, progress: await saveProgress(evidence, folder, { ...progress, ended: true }), why: FULL }
    sending.tell(count)
    // What was lost by waiting is not made up for by a burst.
    due = Math.max(due + (places.length / perSecond) * 1000, Date.now() - PAUSE_MS)
    await sleep(Math.max(0, due - Date.now()))
  }
  return { count, progress: await saveProgress(evidence, folder, { ...progress, open: later, ended: true }) }
}

const FULL = `the queue took no more for ${GIVE_UP_MS / 60_000} minutes`

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
  /** Places that go after it. */
  rest: readonly number[]
}

/** Sends those again that a full queue refuses, until it has room or nobody makes any. */
async function publishAll(
  { broker, evidence, tell }: Sending,
  { folder, manifest }: KeptQueue,
  { lines, places, rest }: Batch,
  begun: Progress,
  before: number,
): Promise<{ progress: Progress; left: number }> {
  let [left, progress] = [lines.map((line, i) => ({ message: marked(line), place: places[i]! })), begun]
  const end = Date.now() + GIVE_UP_MS
  for (;;) {
    const why = (await isBlocked(broker))
      ? 'the broker blocks publishers'
      : await refusal(
          broker,
          manifest.queue,
          left.map(({ message }) => message),
        )
    if (why === undefined) return { progress, left: 0 }
    if (typeof why !== 'string') left = left.filter(({ message }) => why.has(message))
    progress = await saveProgress(evidence, folder, { ...progress, open: [...left.map(({ place }) => place), ...rest] })
    if (Date.now() > end) return { progress, left: left.length }
    tell(before + lines.length - left.length, typeof why === 'string' ? why : 'the queue is full')
    await sleep(PAUSE_MS)
  }
}

const isBlocked = async (broker: Broker): Promise<boolean> => (await broker.nodes()).some(({ blocked }) => blocked)

/** Those that the queue did not take; undefined where it took all. */
async function refusal(
  broker: Broker,
  queue: string,
  messages: BrokerMessage[],
): Promise<ReadonlySet<BrokerMessage> | undefined> {
  try {
    await broker.publish(queue, messages)
    return undefined
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error
    return new Set(error.refused)
  }
}
