// Every runbook there is: those that come with Tocsin, and the files in the folder `runbooks`. Not for Lambda, which gets the one that it runs.
import { BUILT_IN } from './built-in.ts'
import { ownIn } from './own.ts'
import type { Runbook } from './runbook.ts'

/** Your own, and what is wrong with files that are none. */
export const { own: OWN, mistakes: OWN_MISTAKES } = await ownIn(
  new URL('../../runbooks/', import.meta.url),
  new Set(BUILT_IN.keys()),
)

export const RUNBOOKS: ReadonlyMap<string, Runbook> = new Map([
  ...BUILT_IN,
  ...[...OWN].map(([name, { runbook }]): [string, Runbook] => [name, runbook]),
])
