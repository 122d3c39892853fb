// What a service's plan means for one of its workers: its id, its timeouts, how it leaks, and how slow it is when it is short of something.
import { chance } from '../chance.ts'
import type { ServicePlan } from '../plan/schema.ts'
import type { Revision, Worker } from './worker.ts'

/** As the worker reads them when it starts. Without `parameter`, it does not see changed settings. */
export function timeoutsOf(
  { calls }: ServicePlan,
  { environment }: Revision,
  parameter: ((name: string) => string | undefined) | undefined,
): Record<string, number> {
  const timeouts = calls.map(({ to, timeoutSeconds, timeoutFrom: from }) => {
    const set = from?.environment !== undefined ? environment[from.environment] : parameter?.(from?.parameter ?? '')
    const seconds = Number(set ?? NaN) / (from?.unit === 'milliseconds' ? 1000 : 1)
    return [to, seconds > 0 && parameter ? seconds : timeoutSeconds] as const
  })
  return Object.fromEntries(timeouts)
}

/** From its task definition, with the timeouts in it. */
export function environmentOf({ calls, ecs }: ServicePlan): Record<string, string> {
  const timeouts = calls.flatMap(({ timeoutSeconds, timeoutFrom: from }) => {
    if (from?.environment === undefined) return []
    return [[from.environment, String(from.unit === 'milliseconds' ? timeoutSeconds * 1000 : timeoutSeconds)] as const]
  })
  return { ...Object.fromEntries(timeouts), ...ecs?.environment }
}

/** A processor busier than this slows everything down. */
const BUSY = 0.8
/** A worker that does nothing but collect garbage. */
const SLOWEST = 10

/** How many times longer its own work takes. */
export function slowness(
  memoryPercent: number,
  cpuPercent: number,
  { workers: { slowAbovePercent } }: ServicePlan,
): number {
  const beyond = Math.max(0, memoryPercent - slowAbovePercent)
  const collecting = beyond === 0 ? 1 : 1 + ((SLOWEST - 1) * beyond) / (100 - slowAbovePercent)
  return collecting * Math.max(1, cpuPercent / 100 / BUSY)
}

/** Workers of one service leak differently, depending on what they happen to be asked: 0.4 to 1.6 times, spread evenly (golden ratio). */
export const leakFactor = ({ number }: Worker): number => 0.4 + 1.2 * (((number + 1) * 0.618034) % 1)

export function workerId(plan: ServicePlan, seed: number, n: number): string {
  const hex = (length: number): string =>
    Array.from({ length }, (_, i) => '0123456789abcdef'[Math.floor(chance(seed, n * 64 + i) * 16)]).join('')
  return plan.autoScaling ? `i-0${hex(16)}` : hex(32)
}
