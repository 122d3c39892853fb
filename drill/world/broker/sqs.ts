// An SQS queue: what is received is invisible for a while, and comes back unless it is deleted.
import { limitsIn } from './limits.ts'
import { queueOf, type Queue } from './queue.ts'
import type { SqsPlan } from '../plan/schema.ts'

export interface SimulatedSqs {
  readonly name: string
  readonly queue: Queue
  /** At most `most` of the oldest, invisible until then (a second of the drill). */
  receive(most: number, visibleAt: number): { n: number; receipt: string; receives: number }[]
  /** An old receipt still works while nobody has received the message again. */
  delete(receipt: string): boolean
  /** As many come at once as were deleted. */
  refill(count: number, now: number): void
  tick(now: number): void
}

export function sqsOf(name: string, plan: SqsPlan, seed: number): SimulatedSqs {
  const queue = queueOf(name, { ...plan, type: 'classic' }, seed, '')
  const receives = new Map<number, number>()
  const invisible = new Map<number, number>()
  let deleted = 0
  return {
    name,
    queue,
    receive: (most, visibleAt) =>
      queue.take(most).map((n) => {
        invisible.set(n, visibleAt)
        receives.set(n, (receives.get(n) ?? 0) + 1)
        return { n, receipt: `${n}#${receives.get(n)}`, receives: receives.get(n)! }
      }),
    delete(receipt) {
      const [n, count] = receipt.split('#').map(Number) as [number, number]
      if (receives.get(n) !== count) return false
      if (!invisible.delete(n)) return true
      queue.remove([n])
      deleted++
      return true
    },
    refill: (count, now) => queue.flood(count, now),
    tick(now) {
      const back = [...invisible].filter(([, visibleAt]) => visibleAt <= now).map(([n]) => n)
      for (const n of back) invisible.delete(n)
      if (back.length > 0) queue.giveBack(back)
      queue.tick(now, false, limitsIn({}))
      // CloudWatch counts whoever deletes.
      queue.last.acknowledged += deleted
      deleted = 0
    },
  }
}
