// How requests can end, as shares: some answered in so many seconds, some failed after so many. Sums per second, not single requests.

/** `seconds`: until it ended; Infinity while there is no answer at all. */
export interface Outcome {
  share: number
  seconds: number
  ok: boolean
}

/** With what each call on the way took. */
export interface Path extends Outcome {
  via: { to: string; seconds: number; ok: boolean }[]
}

/** Times of one kind of work vary: most are a little shorter, a few much longer than the mean. Shares and factors; their mean is 1. */
const SPREAD: readonly [share: number, factor: number][] = [
  [0.6, 0.8],
  [0.37, 1.2],
  [0.03, 2.55],
]

export const work = (seconds: number): Path[] =>
  SPREAD.map(([share, factor]) => ({ share, seconds: seconds * factor, ok: true, via: [] }))

/** What a caller sees of a call: a share gets no answer, and the caller waits no longer than its timeout. */
export function called(
  outcomes: readonly Outcome[],
  { timeoutSeconds, networkSeconds, hanging }: { timeoutSeconds: number; networkSeconds: number; hanging: number },
): Outcome[] {
  const all = [
    ...(hanging > 0 ? [{ share: hanging, seconds: Infinity, ok: false }] : []),
    ...outcomes.map((one) => ({
      ...one,
      share: one.share * (1 - hanging),
      seconds: one.seconds + networkSeconds,
    })),
  ]
  return all.map((one) =>
    one.seconds > timeoutSeconds ? { share: one.share, seconds: timeoutSeconds, ok: false } : one,
  )
}

/** Adds one more call; after a failed one there is no other. `perRequest` is the share of requests that make it. */
export function then(
  paths: readonly Path[],
  to: string,
  outcomes: readonly Outcome[],
  { perRequest, ignoreFailure }: { perRequest: number; ignoreFailure: boolean },
): Path[] {
  const next = paths.flatMap((path) => {
    if (!path.ok) return [path]
    const through = outcomes.map(({ share, seconds, ok }) => ({
      share: path.share * share * perRequest,
      seconds: path.seconds + seconds,
      ok: ok || ignoreFailure,
      via: [...path.via, { to, seconds, ok }],
    }))
    return perRequest < 1 ? [...through, { ...path, share: path.share * (1 - perRequest) }] : through
  })
  return pruned(next)
}

/** Shares below this say nothing about a 99th percentile. */
const SMALLEST = 1e-4

function pruned<T extends Outcome>(outcomes: T[]): T[] {
  const kept = outcomes.filter(({ share }) => share >= SMALLEST)
  const sum = kept.reduce((total, { share }) => total + share, 0)
  return sum === 0 ? outcomes : kept.map((one) => ({ ...one, share: one.share / sum }))
}

/** The same in fewer entries: those that end alike after about the same time become one. */
export function merged(outcomes: readonly Outcome[]): Outcome[] {
  const groups = new Map<string, Outcome>()
  for (const { share, seconds, ok } of outcomes) {
    const key = `${ok} ${seconds > 0 && Number.isFinite(seconds) ? Math.round(Math.log2(seconds) * 3) : seconds}`
    const group = groups.get(key)
    if (!group) groups.set(key, { share, seconds, ok })
    else {
      group.seconds = (group.seconds * group.share + seconds * share) / (group.share + share)
      group.share += share
    }
  }
  return pruned([...groups.values()])
}
