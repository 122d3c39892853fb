// Processes that die: at a chosen call of the outside world, before or after it took effect. A dead process does nothing more.
import type { Runtime } from '../../lambda/ports/runtime.ts'

export interface Faults {
  /** Gives a run of a stage its outside. */
  spawn(runtime: Runtime): Runtime
  /** Calls so far. */
  calls(): number
}

export class Died extends Error {
  override name = 'Died'
}

const DEADLY = ['table', 'notices', 'deadLetters', 'timers', 'runs', 'chat', 'dialogs'] as const

/** `dieAt`: the calls (counted from 1) at which the process that makes them dies. */
export function faults(dieAt: readonly number[], when: 'before' | 'after'): Faults {
  let count = 0
  return {
    calls: () => count,
    spawn(runtime) {
      let dead = false
      const mortal = { ...runtime }
      for (const port of DEADLY) {
        const living = runtime[port] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
        const wrapped = Object.fromEntries(
          Object.entries(living)
            .filter(([, call]) => typeof call === 'function')
            .map(([name, call]) => [
              name,
              async (...args: unknown[]) => {
                if (dead) throw new Died(`${port}.${name} of a dead process`)
                const dies = dieAt.includes(++count)
                if (dies && when === 'before') {
                  dead = true
                  throw new Died(`before ${port}.${name}`)
                }
                const result = await call(...args)
                if (dies) {
                  dead = true
                  throw new Died(`after ${port}.${name}`)
                }
                return result
              },
            ]),
        )
        Object.assign(mortal, { [port]: wrapped })
      }
      return mortal
    },
  }
}
