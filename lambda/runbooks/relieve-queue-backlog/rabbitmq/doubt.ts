// Settles what a crash left in doubt: a chunk is stored, and nobody knows whether its messages were removed. The head of the queue shows whether they
// came back; in the end, what the broker has counted shows whether anybody else can have had them.
import { isLastChance } from '../kept/hold.ts'
import {
  canBeKnown,
  chunkKey,
  chunkOf,
  comparedKey,
  sumKey,
  sumKeysIn,
  verdictOn,
  type ChunkSum,
} from '../kept/kept.ts'
import { hold, putHolding, type Known, type Way } from './progress.ts'
import type { Start } from '../kept/start.ts'
import { linesAt } from '../kept/stored.ts'
import type { BrokerQueue, Totals } from '../../../ports/broker.ts'
import type { Tools } from '../../runbook.ts'

/** Looks at the queue for a chunk so far: how many, and how many messages they delivered that had been delivered before. */
interface Looks {
  times: number
  again: number
}

async function looksAt({ evidence }: Tools, key: string): Promise<Looks> {
  const text = await evidence.get(key)
  if (text === undefined) return { times: 0, again: 0 }
  // Earlier versions wrote an empty object.
  const { times = 1, again = 0 } = JSON.parse(text) as Partial<Looks>
  return { times, again }
}

/**
 * Names the doubt that only the broker's totals can settle: a chunk of messages without ids, and how often it was compared. By then it must have counted
 * what happened before the crash.
 */
export async function uncountedDoubt(
  tools: Tools,
  keys: readonly string[],
  folder: string,
): Promise<string | undefined> {
  const chunk = keys.filter((key) => key.startsWith(folder) && key.endsWith('.jsonl')).length
  if (chunk <= sumKeysIn(keys).length) return undefined
  const stored = await linesAt(tools, chunkKey(folder, chunk))
  if (canBeKnown(stored)) return undefined
  return `${chunk} ${(await looksAt(tools, comparedKey(folder, chunk))).times}`
}

interface Doubt {
  chunk: number
  /** What is known to be removed without it. */
  at: Known
  start: Start
  /** As the broker has counted it. */
  now: BrokerQueue | undefined
}

/** Returns the chunk, and the next if it took that. */
export async function complete(tools: Tools, way: Way, { chunk, at, start, now }: Doubt): Promise<ChunkSum[]> {
  const { folder, queue, extent } = way
  const { broker, evidence } = tools
  const stored = await linesAt(tools, chunkKey(folder, chunk))
  const key = comparedKey(folder, chunk)
  const before = await looksAt(tools, key)
  const looks: Looks = { times: before.times + 1, again: before.again }
  // Looking marks messages as redelivered: whoever looks next must know that it may have been us.
  await evidence.put(key, JSON.stringify(looks))
  const first = at.count
  const messages = stored.map(({ id: _, ...message }) => message)
  let { sum } = chunkOf(folder, chunk, first, messages)
  const { again = 0 } = sum
  let next: ChunkSum | undefined
  let seen = false
  const judge = (taken: Parameters<typeof verdictOn>[1]) =>
    verdictOn(stored, taken, {
      consumers: now?.consumers.length ?? 0,
      compared: before.times > 0,
      untouched: wereUntouched(start.totals, now?.totals, at.count),
    })
  const counting = (one: ChunkSum): ChunkSum => ({ ...one, again: again + looks.again })
  await broker.take(queue, { messages: stored.length, bytes: Infinity }, async (taken) => {
    seen = true
    looks.again += taken.filter(({ redelivered }) => redelivered).length
    const put = (where: string, what: unknown): Promise<void> =>
      putHolding(tools, way, { key: where, text: JSON.stringify(what), messages: taken })
    await put(key, looks)
    const verdict = judge(taken)
    if (verdict.is === 'came back') {
      const anew = chunkOf(folder, chunk, first, taken)
      await hold(tools, way, anew.text, { sum: anew.sum, messages: taken })
      sum = counting(anew.sum)
      return 'remove'
    }
    sum = counting({ ...sum, doubt: verdict.doubt })
    await put(sumKey(folder, chunk), sum)
    // They are others. Where giving them back counts against them, they are the next chunk instead.
    const after = first + sum.count
    const mayTake = after + taken.length <= Math.min(extent.most, start.goal)
    if (extent.returns === undefined || (!mayTake && !isLastChance(taken, extent.returns))) return 'return'
    const others = chunkOf(folder, chunk + 1, after, taken)
    await hold(tools, way, others.text, { sum: others.sum, messages: taken })
    // Their delivery is counted with the look.
    next = { ...others.sum, again: 0 }
    return 'remove'
  })
  const verdict = seen ? undefined : judge([])
  // An empty queue shows nothing.
  if (verdict?.is === 'removed') sum = counting({ ...sum, doubt: verdict.doubt })
  const sums = next ? [sum, next] : [sum]
  for (const one of sums) await evidence.put(sumKey(folder, one.chunk), JSON.stringify(one))
  return sums
}

/** Nothing was worked off since the run began but what it is known to have taken: then the chunk in doubt was not either. */
const wereUntouched = (start: Totals | undefined, now: Totals | undefined, count: number): boolean =>
  start !== undefined && now !== undefined && now.acknowledged - start.acknowledged === count

/**
 * All that was worked off since the run began is what it took itself. That alone could also be consumers who had as many of what came back: then more
 * would have been delivered again than were delivered to the run.
 */
export function isOursAlone(start: Totals | undefined, now: Totals | undefined, sums: readonly ChunkSum[]): boolean {
  if (!start || !now) return false
  const total = (of: (sum: ChunkSum) => number): number => sums.reduce((all, sum) => all + of(sum), 0)
  return (
    now.acknowledged - start.acknowledged === total(({ count }) => count) &&
    now.redelivered - start.redelivered === total(({ again = 0 }) => again)
  )
}
