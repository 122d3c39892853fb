// Several Tocsins in one account and region, as for staging and production: each knows the alarms that are its own by the name of its stack.

export const DEFAULT_STACK = 'Tocsin'

/** What the name of an alarm that Tocsin makes begins with: `tocsin/` or, of a stack with another name, `tocsin@Staging/`. */
export const prefixFor = (kind: 'tocsin' | 'tocsin-test', stack: string): string =>
  stack === DEFAULT_STACK ? `${kind}/` : `${kind}@${stack}/`

const MADE = /^tocsin(?:-test)?(?:@([A-Za-z][A-Za-z\d-]*))?\//

/** The name of the stack whose Tocsin made the alarm; undefined for all others. */
export function madeBy(alarm: string): string | undefined {
  const found = MADE.exec(alarm)
  return found ? (found[1] ?? DEFAULT_STACK) : undefined
}
