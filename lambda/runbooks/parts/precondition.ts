// What must be true before a runbook may act, each with the field that says so. The pages in docs/runbooks list the same rules; a test compares both.

/** `Seen`: what the rules of one list are given. */
export interface Precondition<Seen extends unknown[]> {
  /** As the API names it. */
  field: string
  /** For the table in the docs. */
  must: string
  /** Why nothing may be done, in words that say what to do where something can be done. */
  stops(...seen: Seen): string | undefined
}

/** The first rule that stops it. */
export function whyNot<Seen extends unknown[]>(
  rules: readonly Precondition<Seen>[],
  ...seen: Seen
): string | undefined {
  for (const { stops } of rules) {
    const why = stops(...seen)
    if (why !== undefined) return why
  }
  return undefined
}
