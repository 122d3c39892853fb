// What was approved against what would run: the same thing, and no more of it?
import type { Scope } from '../incident/run.ts'
import { enumerate } from '../words/words.ts'

/** Why people are asked again; undefined if what would run is within what they approved. `needs`: see `Look`. */
export function whyAskAgain(
  approved: Scope | undefined,
  { scope, needs = {} }: { scope: Scope; needs?: Record<string, number> },
): string | undefined {
  if (!approved) return 'it was proposed by an earlier version, which did not note what exactly it was about'
  const others = [...new Set([...Object.keys(approved.on), ...Object.keys(scope.on)])]
    .filter((what) => approved.on[what] !== scope.on[what])
    .map((what) => `${what}: ${approved.on[what] ?? 'none'} when it was approved, ${scope.on[what] ?? 'none'} now`)
  const beyond = Object.entries(needs).flatMap(([what, least]) => {
    const most = approved.bounds?.[what]
    if (least <= (most ?? 0)) return []
    const given = most === undefined ? `no ${what} were approved` : `up to ${figure(most)} ${what} were approved`
    return `${given}, but at least ${figure(least)} must go now`
  })
  const all = [...others, ...beyond]
  return all.length === 0 ? undefined : enumerate(all)
}

const figure = (value: number): string => value.toLocaleString('en')
