// A service under load: requests come in, wait for what it calls, and end; its workers' places, memory and connections decide how.
import { chance, seedOf } from '../chance.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import { called, merged, then, work, type Outcome, type Path } from './outcomes.ts'
import type { ServicePlan } from '../plan/schema.ts'
import { environmentOf, leakFactor, slowness, timeoutsOf, workerId } from './worker-plan.ts'
import { abandoned, serve, type Ended, type Revision, type Worker } from './worker.ts'

/** What a service needs of the world around it. */
export interface Around {
  seed: number
  /** How calls to a service or a broker end just now. */
  outcomesOf(id: string): readonly Outcome[]
  /** How many calls per second go there. */
  asks(id: string, perSecond: number): void
  parameter(name: string): string | undefined
  /** A machine with a full disk does no work. */
  isFull(instance: string): boolean
}

export interface SimulatedService {
  readonly id: string
  readonly plan: ServicePlan
  fleet: Fleet
  /** What ECS has of it besides; not part of any plan. */
  ecs: { daemon: boolean; healthCheck: boolean; definition: Record<string, unknown> }
  /** What events change. Shares from 0 to 1. */
  now: {
    requests: number
    workSeconds: number
    failing: number
    network: Record<string, number>
    hanging: Record<string, { share: number; sticks: boolean; over: boolean }>
    leak: { perSecond: number; perRequest: number }
  }
  /** Restarts do not help: a new worker is as bad as the one it replaces. */
  incurable: boolean
  outcomes(): readonly Outcome[]
  /** In the last second. */
  last: { ended: Ended[]; inFlight: number; killed: number }
  memoryPercent(worker: Worker): number
  memoryMiB(worker: Worker): number
  newRevision(changes: Partial<Revision>): Revision
  tick(second: number, fromCallers: number): void
}

/** No worker, or one whose disk is full: the connection is refused at once. */
const REFUSED: Path = { share: 1, seconds: 0.01, ok: false, via: [] }
/** Until the service exists and can start its first workers. */
const NO_FLEET = undefined as unknown as Fleet
/** After a task has gone, ECS does not start another one at once. */
const ECS_NOTICES_SECONDS = 8

export function serviceOf(id: string, plan: ServicePlan, around: Around): SimulatedService {
  const ownSeed = seedOf(around.seed, id)
  let revisions = 1
  let lostOnTheWay = 0
  /** Valid until the next second. */
  let known: readonly Outcome[] | undefined

  const hangingNow = (to: string): number => {
    const cause = service.now.hanging[to]
    return cause && (!cause.over || service.incurable) ? cause.share : 0
  }

  const pathsOf = (worker: Worker, second: number): Path[] => {
    const noise = 0.92 + 0.16 * chance(ownSeed, second)
    const slower = slowness(memoryPercentOf(worker), worker.cpuPercent, plan)
    let paths = work(service.now.workSeconds * noise * slower)
    for (const { to, perRequest, onFailure, networkSeconds } of plan.calls) {
      const outcomes = called(around.outcomesOf(to), {
        timeoutSeconds: worker.timeouts[to]!,
        networkSeconds: networkSeconds + (service.now.network[to] ?? 0),
        hanging: worker.hanging[to] ?? 0,
      })
      paths = then(paths, to, outcomes, { perRequest, ignoreFailure: onFailure === 'ignore' })
    }
    const { failing } = service.now
    return failing === 0
      ? paths
      : [{ ...REFUSED, share: failing }, ...paths.map((p) => ({ ...p, share: p.share * (1 - failing) }))]
  }

  const memoryMiBOf = (worker: Worker): number =>
    plan.workers.memoryBaseMiB + worker.leakedMiB + worker.inFlight * plan.workers.memoryMiBPerRequest
  const memoryPercentOf = (worker: Worker): number =>
    Math.min(100, (memoryMiBOf(worker) / worker.revision.memoryMiB) * 100)

  /** Dead connections appear; once the cause is over they go away, unless they stick. */
  const connect = (worker: Worker): void => {
    for (const [to, { share, sticks, over }] of Object.entries(service.now.hanging)) {
      const before = worker.hanging[to] ?? 0
      if (!over || service.incurable) worker.hanging[to] = Math.max(before, share)
      else if (!sticks) worker.hanging[to] = 0
    }
  }

  const serveOne = (worker: Worker, second: number, arriving: number): void => {
    const paths = around.isFull(worker.id) ? [REFUSED] : pathsOf(worker, second)
    const { ended, taken } = serve(worker, { now: second, arriving, paths }, plan)
    service.last.ended.push(...ended)
    service.last.inFlight += worker.inFlight
    for (const { to, perRequest } of plan.calls) around.asks(to, taken * perRequest)
    worker.cpuPercent = Math.min(100, taken * plan.cpuSecondsPerRequest * 100)
    const { perSecond, perRequest } = service.now.leak
    worker.leakedMiB += leakFactor(worker) * (perSecond + perRequest * taken)
    if (memoryMiBOf(worker) > worker.revision.memoryMiB) {
      service.last.killed++
      service.fleet.kill(worker.id, second)
    }
  }

  const fleet = (): Fleet =>
    fleetOf({
      count: plan.systemd?.instances.length ?? plan.workers.count,
      startSeconds: plan.workers.startSeconds,
      stopSeconds: plan.workers.stopSeconds,
      noticeSeconds: plan.ecs ? ECS_NOTICES_SECONDS : 0,
      pace: {
        minimumHealthyPercent: plan.ecs?.minimumHealthyPercent ?? 100,
        maximumPercent: plan.ecs?.maximumPercent ?? 200,
      },
      ...(plan.systemd && { places: plan.systemd.instances }),
      revision: { number: 1, environment: environmentOf(plan), memoryMiB: plan.workers.memoryMiB, cpu: 1024 },
      idOf: (n) => workerId(plan, ownSeed, n),
      start(worker) {
        worker.timeouts = timeoutsOf(plan, worker.revision, service.incurable ? undefined : around.parameter)
        for (const { to } of plan.calls) worker.hanging[to] = hangingNow(to)
        if (!service.incurable) return
        const others = service.fleet.workers
        worker.leakedMiB = others.reduce((most, { leakedMiB }) => Math.max(most, leakedMiB), 0)
      },
      left: (worker) => void (lostOnTheWay += abandoned(worker)),
    })

  const outcomesNow = (): readonly Outcome[] => {
    const ready = service.fleet.ready()
    if (ready.length === 0) return [REFUSED]
    const all = ready.flatMap((worker) =>
      worker.outcomes.length > 0 ? worker.outcomes : work(service.now.workSeconds),
    )
    const sum = all.reduce((total, { share }) => total + share, 0)
    return merged(all.map((one) => ({ ...one, share: one.share / sum })))
  }

  const service: SimulatedService = {
    id,
    plan,
    fleet: NO_FLEET,
    ecs: { daemon: false, healthCheck: true, definition: {} },
    now: {
      requests: plan.requestsPerSecond,
      workSeconds: plan.workSeconds,
      failing: 0,
      network: {},
      hanging: {},
      leak: { perSecond: plan.workers.leakMiBPerSecond, perRequest: plan.workers.leakMiBPerRequest },
    },
    incurable: false,
    outcomes: () => (known ??= outcomesNow()),
    last: { ended: [], inFlight: 0, killed: 0 },
    memoryPercent: memoryPercentOf,
    memoryMiB: memoryMiBOf,
    newRevision(changes) {
      const newest = service.fleet.deployments[0]!.revision
      return { ...newest, ...changes, number: ++revisions }
    },
    tick(second, fromCallers) {
      known = undefined
      service.last = { ended: [], inFlight: 0, killed: 0 }
      service.fleet.tick(second)
      const ready = service.fleet.ready()
      const arriving = service.now.requests + fromCallers
      for (const worker of ready) {
        connect(worker)
        serveOne(worker, second, arriving / ready.length)
      }
      for (const worker of service.fleet.workers.filter(({ state }) => state === 'stopping'))
        service.last.ended.push(...serve(worker, { now: second, arriving: 0, paths: [] }, plan).ended)
      if (ready.length === 0 && arriving > 0) service.last.ended.push({ count: arriving, path: REFUSED })
      if (lostOnTheWay > 0) service.last.ended.push({ count: lostOnTheWay, path: REFUSED })
      lostOnTheWay = 0
    },
  }
  service.fleet = fleet()
  return service
}
