// The workers of a service, and what keeps the desired number running: one deployment after another, batch by batch.
import type { Revision, Worker } from './worker.ts'

export interface Deployment {
  id: string
  revision: Revision
  /** Seconds of the drill. */
  startedAt: number
  updatedAt: number
  state: 'IN_PROGRESS' | 'COMPLETED'
}

/** Percent of the desired number. */
export interface Pace {
  minimumHealthyPercent: number
  maximumPercent: number
}

export type Gone = 'stopped' | 'replaced' | 'out of memory'

export interface Fleet {
  workers: Worker[]
  /** Workers that used to be here: newest last. */
  gone: { worker: Worker; at: number; why: Gone }[]
  desired: number
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

export function fleetOf(plan: FleetPlan): Fleet {
  let started = 0
  let deployed = 0
  const reasons = new Map<string, Gone>()

  const start = (deployment: Deployment, now: number, place?: string): Worker => {
    const worker: Worker = {
      id: place ?? plan.idOf(started),
      number: started++,
      deployment: deployment.id,
      revision: deployment.revision,
      state: 'starting',
      startedAt: now,
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
  }

  const age = (now: number): void => {
    for (const worker of [...fleet.workers]) {
      if (worker.state === 'starting' && now >= worker.until) worker.state = 'ready'
      if (worker.state === 'stopping' && now >= worker.until) {
        remove(worker, now)
        if (plan.places) start(fleet.deployments[0]!, now, worker.id)
      }
    }
  }

  const stopping = (worker: Worker, now: number): void => {
    worker.state = 'stopping'
    worker.until = now + plan.stopSeconds
  }

  /** Starts new ones as far as the maximum allows, and stops old ones as far as the minimum allows. */
  const roll = (now: number, pace: Pace): void => {
    const newest = fleet.deployments[0]!
    const running = fleet.workers.filter(({ state }) => state !== 'stopping')
    const own = running.filter(({ deployment }) => deployment === newest.id)
    const old = running.filter(({ deployment }) => deployment !== newest.id)
    const most = Math.max(fleet.desired, Math.floor((fleet.desired * pace.maximumPercent) / 100))
    const least = Math.min(fleet.desired, Math.ceil((fleet.desired * pace.minimumHealthyPercent) / 100))
    for (let n = running.length; n < most && own.length + (n - running.length) < fleet.desired; n++) start(newest, now)
    let healthy = running.filter(({ state }) => state === 'ready').length
    for (const worker of old) {
      const isReady = worker.state === 'ready'
      if (isReady && healthy <= least) break
      if (isReady) healthy--
      stopping(worker, now)
    }
    for (const worker of own.slice(fleet.desired)) stopping(worker, now)
    const done = own.length === fleet.desired && own.every(({ state }) => state === 'ready') && old.length === 0
    if (done && newest.state === 'IN_PROGRESS') Object.assign(newest, { state: 'COMPLETED', updatedAt: now })
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
      if (!plan.places) roll(now, fleet.pace)
    },
  }
  for (let i = 0; i < plan.count; i++)
    Object.assign(start(fleet.deployments[0]!, 0, plan.places?.[i]), { state: 'ready', until: 0 })
  return fleet
}
