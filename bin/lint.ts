// Services that wait longer than their callers: when what they call is slow, their callers give up first, and the waiting was for nothing.
import type { Service } from '../lambda/core/services/config.ts'
import { CALLER_SHARE } from '../lambda/runbooks/cut-connection-timeout/timeout.ts'

type Services = Readonly<Record<string, Pick<Service, 'dependsOn' | 'timeoutSeconds'>>>

export interface Caller {
  service: string
  timeoutSeconds: number
  /** Services in between that name no timeout of their own. */
  through: string[]
}

export interface TooLong {
  service: string
  timeoutSeconds: number
  /** All that give up before it does, shortest first. */
  callers: Caller[]
  suggestedSeconds: number
}

/** The longest wait compared with its callers' patience first. */
export function tooLong(services: Services): TooLong[] {
  return Object.entries(services)
    .flatMap(([service, { timeoutSeconds }]) => {
      if (timeoutSeconds === undefined) return []
      const callers = callersOf(services, service).filter((caller) => caller.timeoutSeconds < timeoutSeconds)
      const [shortest] = callers
      if (!shortest) return []
      const suggestedSeconds = below(shortest.timeoutSeconds, reaches(services, service, shortest.service))
      return [{ service, timeoutSeconds, callers, suggestedSeconds }]
    })
    .sort((a, b) => excess(b) - excess(a))
}

const excess = ({ timeoutSeconds, callers }: TooLong): number => timeoutSeconds - callers[0]!.timeoutSeconds

/** The nearest callers that name a timeout; a service without one passes on the patience of its own callers. */
function callersOf(services: Services, service: string): Caller[] {
  const found: Caller[] = []
  const seen = new Set([service])
  const queue: { id: string; through: string[] }[] = [{ id: service, through: [] }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    for (const [id, { dependsOn, timeoutSeconds }] of Object.entries(services)) {
      if (seen.has(id) || !dependsOn.includes(next.id)) continue
      seen.add(id)
      if (timeoutSeconds === undefined) queue.push({ id, through: [id, ...next.through] })
      else found.push({ service: id, timeoutSeconds, through: next.through })
    }
  return found.sort((a, b) => a.timeoutSeconds - b.timeoutSeconds)
}

/** Leaves room for the caller's own work; in a cycle, where each calls the other, only the same number suits both. */
const below = (seconds: number, isCircle: boolean): number =>
  isCircle ? seconds : Number((Math.floor(seconds * CALLER_SHARE * 10) / 10 || seconds * CALLER_SHARE).toPrecision(3))

function reaches(services: Services, from: string, to: string): boolean {
  const seen = new Set<string>()
  const queue = [from]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === to) return true
    if (seen.has(next)) continue
    seen.add(next)
    queue.push(...(services[next]?.dependsOn ?? []))
  }
  return false
}
