// What can go wrong with the fix itself: it is not allowed, or the process that does it dies midway.
import { Refused } from '../../lambda/ports/tools.ts'
import { chance } from './chance.ts'

export const FAULTS = ['none', 'no-help', 'denied', 'crash'] as const
export type Fault = (typeof FAULTS)[number]

/** One call to the outside, as it was made. */
export interface Call {
  at: number
  /** `ecs StopTask`, `broker take campaign-jobs`. */
  name: string
  changes: boolean
  refused?: true
}

type Port = Record<string, (...args: never[]) => Promise<unknown>>

const READS = /^(Describe|List|Get|nodes$|queues$|peak$|policies$|bindings$|version$|look$|get$|list$)/

/** For an AWS call, its service and action; for others, the port and what it is about. */
function nameOf(port: string, method: string, args: readonly unknown[]): string {
  if (port === 'cloud') return `${String(args[0])} ${String(args[1])}`
  return [port, method, typeof args[0] === 'string' ? args[0] : ''].join(' ').trim()
}

const changes = (port: string, method: string, args: readonly unknown[]): boolean =>
  !READS.test(port === 'cloud' ? String(args[1]) : method)

/** Every call of a port goes through `around`. */
export function wrapped<T extends object>(
  port: string,
  ports: T,
  around: (call: { name: string; changes: boolean }, go: () => Promise<unknown>) => Promise<unknown>,
): T {
  return Object.fromEntries(
    Object.entries(ports as unknown as Port).map(([method, call]) => {
      const isCall = typeof call === 'function' && method !== 'place'
      if (!isCall) return [method, call]
      return [
        method,
        (...args: never[]) =>
          around({ name: nameOf(port, method, args), changes: changes(port, method, args) }, () => call(...args)),
      ]
    }),
  ) as T
}

/** Throws for anything that makes a change: the role may only read. Evidence still goes to Tocsin's own bucket. */
export function deny({ name, changes }: { name: string; changes: boolean }): void {
  if (changes && !name.startsWith('evidence '))
    throw new Refused(`AccessDenied: Tocsin's role may not do ${name}; ask for that permission`)
}

export class Died extends Error {
  override name = 'Died'
}

/** The number of deaths in a drill; after that the process lives, so that a run can end. */
const DEATHS_MOST = 10
/** Most calls between two deaths, times the deaths so far: early deaths are close together, later ones far apart. */
const CALLS_BETWEEN = 8

export interface Mortality {
  /** Whether the process dies at this call, and whether the call takes effect first. */
  next(): 'lives' | 'dies before' | 'dies after'
  deaths(): number
}

/** Wraps each call of one process: after its death, nothing it does takes effect. */
export function processOf({ next }: Pick<Mortality, 'next'>) {
  let dead = false
  return async ({ name }: { name: string }, go: () => Promise<unknown>): Promise<unknown> => {
    if (dead) throw new Died(`${name} of a dead process`)
    const fate = next()
    if (fate === 'lives') return go()
    if (fate === 'dies after') await go()
    dead = true
    throw new Died(`${fate} ${name}`)
  }
}

/** The same seed gives the same deaths. */
export function mortalityOf(seed: number): Mortality {
  let calls = 0
  let deaths = 0
  const after = (): number => calls + 1 + Math.floor(chance(seed, deaths) * CALLS_BETWEEN * (deaths + 1) ** 2)
  let next = after()
  return {
    deaths: () => deaths,
    next() {
      if (deaths >= DEATHS_MOST || ++calls < next) return 'lives'
      deaths++
      next = after()
      return chance(seed, 1000 + deaths) < 0.5 ? 'dies before' : 'dies after'
    },
  }
}
