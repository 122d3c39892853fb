// Runs a walk through the product as a list of steps, and reports for each whether it went well and how long it took.
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../lambda/core/words/words.ts'

export interface Step<World> {
  /** What is done, in the reader's words. */
  does: string
  /** Returns what is worth a line below: what a person saw. Throws if it went wrong. */
  run(world: World): Promise<string | void>
}

export interface Outcome {
  passed: number
  failed: number
}

/** Stops at the first failure: later steps build on earlier ones. */
export async function walk<World>(steps: readonly Step<World>[], world: World, say = print): Promise<Outcome> {
  const began = Date.now()
  for (const [place, { does, run }] of steps.entries()) {
    const start = Date.now()
    try {
      const seen = await run(world)
      say(`  ✓ ${does} (${seconds(start)})`)
      for (const line of seen ? seen.split('\n') : []) say(`      ${line}`)
    } catch (error) {
      say(`  ✗ ${does} (${seconds(start)})`)
      for (const line of reasonOf(error).split('\n')) say(`      ${line}`)
      const left = steps.length - place - 1
      say(`\n  ${place} passed, 1 failed${left > 0 ? `, ${left} not tried` : ''}, ${seconds(began)}`)
      return { passed: place, failed: 1 }
    }
  }
  say(`\n  ${steps.length} passed, 0 failed, ${seconds(began)}`)
  return { passed: steps.length, failed: 0 }
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Polls until it is there; throws with what was seen last. `look` returns undefined, or throws, while it is not. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinSeconds = 30): Promise<T> {
  const end = Date.now() + withinSeconds * 1000
  for (;;) {
    let why = ''
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      why = `: ${(error as Error).message}`
    }
    if (Date.now() > end) throw new Error(`not within ${withinSeconds} s: ${what}${why}`)
    await sleep(LOOK_EVERY_MS)
  }
}

const LOOK_EVERY_MS = 150

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Throws with both values if they differ. */
export function same(what: string, seen: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${what}: wanted ${b}, saw ${a}`)
}
