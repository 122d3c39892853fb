// One worker of a service: a task, an instance or a process. It has places for requests, memory that may leak, and connections that may be dead.
import type { Outcome, Path } from './outcomes.ts'

/** What a worker is started with. */
export interface Revision {
  number: number
  environment: Record<string, string>
  memoryMiB: number
  cpu: number
}

/** What ended in a second: how many, and how. */
export interface Ended {
  count: number
  path: Path
}

export interface Worker {
  id: string
  /** In starting order, from 0. */
  number: number
  deployment: string
  revision: Revision
  state: 'starting' | 'ready' | 'stopping'
  /** Seconds of the drill. */
  startedAt: number
  /** When its process runs; it is ready later. */
  runsFrom: number
  /** When its current state ends; never while it is ready. */
  until: number
  leakedMiB: number
  /** Share of calls that get no answer, by what is called. */
  hanging: Record<string, number>
  timeouts: Record<string, number>
  /** Requests that end in a later second, and their total; with those of this second they are what is in flight. */
  endsAt: Map<number, Ended[]>
  held: number
  inFlight: number
  /** Shares of the requests of the last second. */
  outcomes: Outcome[]
  cpuPercent: number
}

/** A request that takes at least this long keeps its place into the next second. */
const LONG_SECONDS = 1

/** Takes in what fits, refuses the rest. Returns what ended in this second. */
export function serve(
  worker: Worker,
  { now, arriving, paths }: { now: number; arriving: number; paths: readonly Path[] },
  { concurrency, refusedAfterSeconds }: { concurrency?: number | undefined; refusedAfterSeconds: number },
): { ended: Ended[]; taken: number } {
  const ended = [...(worker.endsAt.get(now) ?? [])]
  worker.endsAt.delete(now)
  for (const { count } of ended) worker.held -= count

  const longShare = paths.reduce((sum, { share, seconds }) => sum + (seconds >= LONG_SECONDS ? share : 0), 0)
  const shortSeconds = paths.reduce(
    (sum, { share, seconds }) => sum + (seconds < LONG_SECONDS ? share * seconds : 0),
    0,
  )
  // Little's law: requests in flight are their rate times the time that each takes.
  const perRequest = longShare + shortSeconds
  const free = concurrency === undefined ? Infinity : Math.max(0, concurrency - worker.held)
  const taken = perRequest === 0 ? arriving : Math.min(arriving, free / perRequest)

  for (const path of paths) {
    const count = taken * path.share
    if (count === 0) continue
    if (path.seconds < LONG_SECONDS) ended.push({ count, path })
    else {
      const end = now + Math.round(path.seconds)
      worker.endsAt.set(end, [...(worker.endsAt.get(end) ?? []), { count, path }])
      worker.held += count
    }
  }
  worker.inFlight = Math.max(0, worker.held) + taken * shortSeconds

  const refused = { share: 1, seconds: refusedAfterSeconds, ok: false, via: [] }
  if (arriving > taken) ended.push({ count: arriving - taken, path: refused })
  const accepted = arriving === 0 ? 1 : taken / arriving
  worker.outcomes = [
    ...paths.map(({ share, seconds, ok }) => ({ share: share * accepted, seconds, ok })),
    ...(accepted < 1 ? [{ share: 1 - accepted, seconds: refusedAfterSeconds, ok: false }] : []),
  ]
  return { ended, taken }
}

/** What it had in flight is lost with it. */
export function abandoned(worker: Worker): number {
  const count = worker.held
  worker.endsAt.clear()
  worker.held = 0
  worker.inFlight = 0
  return count
}
