// A durable execution in memory: steps that have ended, well or not, are kept as JSON, as Lambda keeps them; a process that dies is started again
// and finds them.
import { reasonOf } from '../lambda/core/words/words.ts'
import type { Clock } from '../lambda/ports/clock.ts'
import type { Journal } from '../lambda/ports/runs.ts'

/** As in `lambda/entry/journal.ts`: retries within a minute, then the step has failed. */
const MOST_TRIES = 6
const RESTARTED_AFTER_MS = 1000

/** A step's result as JSON, or the message of what it failed with: a replay throws that again. */
type End = { result?: string | undefined } | { error: string }

/** As Lambda throws it: of the error itself only the message is kept. */
class StepError extends Error {
  override name = 'StepError'
}

/** `isDeath`: errors that end the process instead of failing a step. */
export async function durably(
  clock: Pick<Clock, 'now' | 'sleep'>,
  run: (journal: Journal) => Promise<void>,
  isDeath: (error: unknown) => boolean = () => false,
): Promise<void> {
  const ended = new Map<string, End>()
  while (!(await lives(run, ended, clock, isDeath))) await clock.sleep(RESTARTED_AFTER_MS)
}

/** One process. False if it died: then nothing in it continues. */
async function lives(
  run: (journal: Journal) => Promise<void>,
  ended: Map<string, End>,
  clock: Pick<Clock, 'now' | 'sleep'>,
  isDeath: (error: unknown) => boolean,
): Promise<boolean> {
  let die: (alive: false) => void = () => undefined
  const death = new Promise<false>((resolve) => (die = resolve))
  const journal: Journal = {
    async step<T>(name: string, act: () => Promise<T>): Promise<T> {
      for (let tries = 1; !ended.has(name); tries++) {
        try {
          ended.set(name, { result: JSON.stringify(await act()) })
        } catch (error) {
          if (isDeath(error)) {
            die(false)
            return new Promise<never>(() => undefined)
          }
          if (tries >= MOST_TRIES) ended.set(name, { error: reasonOf(error) })
          else await clock.sleep(1000 * 2 ** Math.min(tries - 1, 4))
        }
      }
      const end = ended.get(name)!
      if ('error' in end) throw new StepError(end.error)
      return (end.result === undefined ? undefined : JSON.parse(end.result)) as T
    },
    async wait(name, seconds) {
      if (ended.has(name)) return
      await clock.sleep(seconds * 1000)
      ended.set(name, {})
    },
  }
  return Promise.race([run(journal).then(() => true), death])
}
