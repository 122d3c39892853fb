// The workers of a service, and what keeps the desired number running: one deployment after another, batch by batch.
import { nextOf } from './rolling.ts'
import type { Revision, Worker } from './worker.ts'

export interface Deployment {
  id: string
  revision: Revision
  /** Seconds of the drill. */
  startedAt: number
  updatedAt: number
  state: 'IN_PROGRESS' | 'COMPLETED'
  /** Workers that failed since the last one that came up. */
  failed: number
}

/** Percent of the desired number. */
export interface Pace {
  minimumHealthyPercent: number
  maximumPercent: number
}

export type Gone = 'stopped' | 'replaced' | 'out of memory' | 'failed'

export interface Fleet {
  workers: Worker[]
  /** Workers that used to be here: newest last. */
  gone: { worker: Worker; at: number; why: Gone }[]
  desired: number
  /** Why new workers fail as soon as they should be ready; unset: they do not. */
  breaks?: string
  /** Newest first; older ones while they still have workers. */
  deployments: Deployment[]
  /** Percent of the desired number, during a deployment. */
  pace: Pace
  /** Replaces all workers. */
  deploy(revision: Revision, now: number, pace?: Pace): Deployment
  /** Stops one; another takes its place or, where places are fixed, the same one starts again. False: there is no such worker. */
  stop(id: string, now: number): boolean
  /** Gone at once: it has used all its memory. */
  kill(id: string, now: number): void
  ready(): Worker[]
  tick(now: number): void
}

export interface FleetPlan {
  count: number
  startSeconds: number
  stopSeconds: number
  /** How long it takes until somebody notices that workers are missing. */
  noticeSeconds: number
  pace: Pace
  /** Fixed ids, if each worker has its own place; otherwise each start makes a new one. */
  places?: readonly string[]
  revision: Revision
  idOf(n: number): string
  /** Called when a worker starts, with the one it replaces. */
  start(worker: Worker): void
  /** Called with each worker that stops, before it is gone. */
  left(worker: Worker): void
}

/** Of the time that a worker needs to be ready, the last part: its process runs, and health checks have yet to find it well. */
const CHECKED_SECONDS = 10

export function fleetOf(plan: FleetPlan): Fleet {
  let started = 0
  let deployed = 0
  let missingSince: number | undefined
  const reasons = new Map<string, Gone>()

  const start = (deployment: Deployment, now: number, place?: string): Worker => {
    const worker: Worker = {
      id: place ?? plan.idOf(started),
      number: started++,
      deployment: deployment.id,
      revision: deployment.revision,
      state: 'starting',
      startedAt: now,
      runsFrom: now + Math.max(plan.startSeconds / 2, plan.startSeconds - CHECKED_SECONDS),
      until: now + plan.startSeconds,
      leakedMiB: 0,
      hanging: {},
      timeouts: {},
      endsAt: new Map(),
      held: 0,
      inFlight: 0,
      outcomes: [],
      cpuPercent: 0,
    }
    plan.start(worker)
    fleet.workers.push(worker)
    return worker
  }

  const remove = (worker: Worker, now: number): void => {
    plan.left(worker)
    fleet.gone.push({ worker, at: now, why: reasons.get(worker.id) ?? 'replaced' })
    reasons.delete(worker.id)
    fleet.workers.splice(fleet.workers.indexOf(worker), 1)
    if (plan.places) start(fleet.deployments[0]!, now, worker.id)
  }

  const age = (now: number): void => {
    for (const worker of [...fleet.workers]) {
      if (worker.state === 'starting' && now >= worker.until) comeUp(worker, now)
      if (worker.state === 'stopping' && now >= worker.until) remove(worker, now)
    }
  }

  const comeUp = (worker: Worker, now: number): void => {
    const deployment = fleet.deployments.find(({ id }) => id === worker.deployment)
    if (fleet.breaks === undefined) {
      worker.state = 'ready'
      if (deployment) deployment.failed = 0
      return
    }
    if (deployment) deployment.failed++
    reasons.set(worker.id, 'failed')
    remove(worker, now)
  }

  const stopping = (worker: Worker, now: number): void => {
    worker.state = 'stopping'
    worker.until = now + plan.stopSeconds
  }

  const roll = (now: number): void => {
    const newest = fleet.deployments[0]!
    const next = nextOf(fleet)
    missingSince = next.start === 0 ? undefined : (missingSince ?? now)
    if (missingSince !== undefined && now - missingSince >= plan.noticeSeconds)
      for (let n = 0; n < next.start; n++) start(newest, now)
    for (const worker of next.stop) stopping(worker, now)
    if (next.isDone && newest.state === 'IN_PROGRESS') Object.assign(newest, { state: 'COMPLETED', updatedAt: now })
    fleet.deployments = fleet.deployments.filter(
      ({ id }) => id === newest.id || fleet.workers.some(({ deployment }) => deployment === id),
    )
  }

  const deploymentOf = (revision: Revision, now: number, state: Deployment['state']): Deployment => ({
    id: `ecs-svc/${String(7_000_000_000_000_000 + ++deployed)}`,
    revision,
    startedAt: now,
    updatedAt: now,
    state,
    failed: 0,
  })

  const fleet: Fleet = {
    workers: [],
    gone: [],
    desired: plan.count,
    deployments: [deploymentOf(plan.revision, 0, 'COMPLETED')],
    pace: plan.pace,
    deploy(revision, now, withPace = plan.pace) {
      fleet.pace = withPace
      const deployment = deploymentOf(revision, now, 'IN_PROGRESS')
      fleet.deployments.unshift(deployment)
      return deployment
    },
    stop(id, now) {
      const worker = fleet.workers.find((one) => one.id === id && one.state !== 'stopping')
      if (!worker) return false
      reasons.set(id, 'stopped')
      stopping(worker, now)
      return true
    },
    kill(id, now) {
      const worker = fleet.workers.find((one) => one.id === id)
      if (!worker) return
      reasons.set(id, 'out of memory')
      Object.assign(worker, { state: 'stopping', until: now })
    },
    ready: () => fleet.workers.filter(({ state }) => state === 'ready'),
    tick(now) {
      age(now)
      if (!plan.places) roll(now)
    },
  }
  for (let i = 0; i < plan.count; i++)
    Object.assign(start(fleet.deployments[0]!, 0, plan.places?.[i]), { state: 'ready', runsFrom: 0, until: 0 })
  return fleet
}
