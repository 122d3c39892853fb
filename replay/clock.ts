// A clock that stands still until there is nothing left to do at this moment, and then jumps to the next thing that is due.
import type { Clock } from '../lambda/ports/clock.ts'

export interface VirtualClock extends Clock {
  /** Does something at a given time (ms); at once if that has passed. */
  at(ms: number, task: () => void | Promise<void>): void
  /** Runs until nothing is waiting any more, or it is over. Throws what a task throws. */
  run(isOver?: () => boolean): Promise<void>
}

/** Its multiples spread evenly over a second: no two close calls draw the same. */
const GOLDEN = 0.618033988749895

export function virtualClock(start: number): VirtualClock {
  let now = start
  let order = 0
  const waiting: { at: number; order: number; wake: () => void | Promise<void> }[] = []
  const failures: unknown[] = []

  const add = (at: number, wake: () => void | Promise<void>): void => {
    const entry = { at: Math.max(at, now), order: order++, wake }
    // Latest first, so that the next one is taken from the end; among equals, first come, first served.
    let [from, to] = [0, waiting.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (waiting[middle]!.at > entry.at) from = middle + 1
      else to = middle
    }
    waiting.splice(from, 0, entry)
  }

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => add(now + ms, resolve))
  /** Differs from call to call, and is the same in every replay. */
  let drawn = 0
  const fraction = (): number => (drawn += GOLDEN) % 1

  return {
    now: () => now,
    sleep,
    sleepUpTo: (ms) => sleep(ms * fraction()),
    at: add,
    async run(isOver = () => false) {
      for (;;) {
        await settled()
        if (failures.length > 0) throw failures[0]
        const next = waiting.pop()
        if (!next || isOver()) return
        now = next.at
        Promise.resolve(next.wake()).catch((error: unknown) => failures.push(error))
      }
    },
  }
}

/** Everything in memory answers in microtasks: when a macrotask gets its turn, all of them are done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
