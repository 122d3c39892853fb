// How values, keys and near misses are written in a message about a mistake.
import { closest, distance } from 'fastest-levenshtein'

export type Path = readonly (string | number | symbol)[]

export interface Mistake {
  key: string
  problem: string
}

export const keyOf = (path: Path): string =>
  path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`
    const name = String(part)
    return /^[\w$-]+$/.test(name) ? (key === '' ? name : `${key}.${name}`) : `${key}[${JSON.stringify(name)}]`
  }, '') || 'config'

/** A value as it is written in a message; TypeScript configs may hold what JSON cannot. */
export function show(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return 'something that is no JSON'
  }
}

/** Suggests the nearest known word if it is close enough to be meant, else lists all known words. */
export function hint(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const near = nearest(word, known)
  return near === undefined
    ? `; write one of ${known.map((k) => JSON.stringify(k)).join(', ')}`
    : `; did you mean ${JSON.stringify(near)}?`
}

/** The word that is close enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = closest(word, [...known])
  return distance(word, near) <= Math.max(2, word.length / 3) ? near : undefined
}

/** Of a team that the config does not have. */
export const noTeam = (team: string, known: readonly string[]): string =>
  `no team ${JSON.stringify(team)}${known.length > 0 ? hint(team, known) : '; write it under `teams`, with its channel'}`

export const at = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], input)
