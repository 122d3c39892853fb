// What depends on what: from what resources say about each other, and from the calls that X-Ray saw.
import type { Call, Found } from './found.ts'

/** By id: the ids it depends on, in the order of the services. */
export function edgesOf(named: ReadonlyMap<string, Found>, calls: readonly Call[]): Map<string, string[]> {
  const byAlias = new Map<string, string[]>()
  for (const [id, { aliases }] of named)
    for (const alias of aliases.map(plain)) if (alias !== '') byAlias.set(alias, [...(byAlias.get(alias) ?? []), id])
  // A name that several share says nothing.
  const only = (names: readonly string[]): string | undefined => {
    for (const name of names.flatMap(variants)) {
      const [id, ...others] = byAlias.get(name) ?? []
      if (id !== undefined && others.length === 0) return id
    }
    return undefined
  }
  const edges = new Map<string, Set<string>>()
  const add = (from: string, to: string): void => {
    if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
  }
  for (const [id, { uses }] of named)
    for (const alias of uses) for (const other of byAlias.get(plain(alias)) ?? []) add(id, other)
  for (const [from, to] of through(calls, only)) add(from, to)
  const order = [...named.keys()]
  return new Map([...edges].map(([id, others]) => [id, order.filter((other) => others.has(other))]))
}

const plain = (name: string): string => name.trim().toLowerCase()

/** X-Ray names a database `name@host`, a queue by its address, and a remote call by its host. */
function variants(name: string): string[] {
  const whole = plain(name)
  const host = whole.split('@').at(-1)!
  return [...new Set([whole, host, whole.split('/').at(-1)!, host.split(':')[0]!, host.split('.')[0]!])].filter(
    (part) => part !== '',
  )
}

/** A service that calls something through nodes that are not services here still depends on it. */
function through(calls: readonly Call[], only: (names: readonly string[]) => string | undefined): [string, string][] {
  const keyOf = (names: readonly string[]): string => only(names) ?? `?${names.join()}`
  const next = new Map<string, Set<string>>()
  for (const { from, to } of calls) next.set(keyOf(from), (next.get(keyOf(from)) ?? new Set()).add(keyOf(to)))
  return [...next.keys()]
    .filter((key) => !key.startsWith('?'))
    .flatMap((start) => [...reached(start, next)].map((end): [string, string] => [start, end]))
}

function reached(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const [found, seen, open] = [new Set<string>(), new Set<string>(), [...(next.get(start) ?? [])]]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    if (node.startsWith('?')) open.push(...(next.get(node) ?? []))
    else found.add(node)
  }
  return found
}
