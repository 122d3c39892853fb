// Which service depends on which: built once from the config, queried for every alarm. Cycles are allowed and never walked twice.
import type { Service } from './config.ts'

export interface Graph {
  /** Everything that `service` depends on, directly or through others, except itself. */
  below(service: string): ReadonlySet<string>
  /** Everything that it is tied to, except itself. */
  kin(service: string): ReadonlySet<string>
  /** Equal, or one depends on the other, directly or through others. Two that only share a dependency are not tied. */
  tied(a: string, b: string): boolean
  /** The edges from `caller` down to `callee`, both ends included; undefined if there is no path. */
  path(caller: string, callee: string): string[] | undefined
}

export function graphOf(services: Readonly<Record<string, Pick<Service, 'dependsOn'>>>): Graph {
  const edges = new Map(Object.entries(services).map(([id, service]) => [id, service.dependsOn]))
  const known = new Map<string, ReadonlySet<string>>()
  const nothing: ReadonlySet<string> = new Set()

  const below = (service: string): ReadonlySet<string> => {
    const before = known.get(service)
    if (before) return before
    if (!edges.has(service)) return nothing
    const found = new Set<string>()
    const queue = [...(edges.get(service) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next === service || found.has(next)) continue
      found.add(next)
      queue.push(...(edges.get(next) ?? []))
    }
    known.set(service, found)
    return found
  }

  const kin = new Map<string, ReadonlySet<string>>()
  /** Everything that `service` is tied to. */
  const kinOf = (service: string): ReadonlySet<string> => {
    const before = kin.get(service)
    if (before) return before
    if (!edges.has(service)) return nothing
    const found = new Set(below(service))
    for (const other of edges.keys()) if (below(other).has(service)) found.add(other)
    kin.set(service, found)
    return found
  }

  return {
    below,
    kin: kinOf,
    tied: (a, b) => a === b || kinOf(a).has(b) || kinOf(b).has(a),
    path(caller, callee) {
      const from = new Map<string, string | undefined>([[caller, undefined]])
      const queue = [caller]
      for (let i = 0; i < queue.length; i++) {
        const here = queue[i]!
        if (here === callee) {
          const way: string[] = []
          for (let step: string | undefined = here; step !== undefined; step = from.get(step)) way.unshift(step)
          return way
        }
        for (const next of edges.get(here) ?? [])
          if (!from.has(next)) {
            from.set(next, here)
            queue.push(next)
          }
      }
      return undefined
    },
  }
}
