// Processes that die at a chosen call to the outside world, before or after it takes effect.
import { processOf, wrapped } from '../../drill/world/faults.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'

export interface Faults {
  /** Gives a run of a stage its outside world. */
  spawn(runtime: Runtime): Runtime
  /** Calls so far. */
  calls(): number
}

const DEADLY = ['table', 'notices', 'deadLetters', 'timers', 'runs', 'chat', 'dialogs'] as const

/** `dieAt`: the calls (counted from 1) at which the calling process dies. */
export function faults(dieAt: readonly number[], when: 'before' | 'after'): Faults {
  let count = 0
  const next = () => (dieAt.includes(++count) ? (`dies ${when}` as const) : 'lives')
  return {
    calls: () => count,
    spawn(runtime) {
      const around = processOf({ next })
      const ports = DEADLY.map((port) => [port, wrapped(port, runtime[port], around)])
      return { ...runtime, ...(Object.fromEntries(ports) as Pick<Runtime, (typeof DEADLY)[number]>) }
    },
  }
}
