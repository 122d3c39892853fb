// Restarts tasks of an ECS service, batch by batch. Each replacement must be healthy before the next batch stops; the first failure ends it.
// StopTask, not a forced deployment: the replacement is the very same revision and image, and if this stops, nothing goes on by itself.
import { batchOf } from '../batches.ts'
import type { Target } from '../../../core/services/config.ts'
import { plural } from '../../../core/words/words.ts'
import { Refused, type Tools } from '../../../ports/tools.ts'
import type { Step, Turn } from '../../runbook.ts'
import { called, scopeOf, serviceOf, type EcsScope, type EcsService, type EcsTarget } from './service.ts'
import { createdAt, hasFailed, healthyTargets, idOf, isUp, tasksOf, type EcsTask } from './tasks.ts'
import { REPLACED } from './rules.ts'
import { whyNot } from '../precondition.ts'
import { latencyNow, stopIfWorse, type Watching } from '../latency.ts'

export interface RestartOptions extends Watching {
  batchPercent: number
  spare: boolean
}

export interface TaskFacts {
  desired: number
  batch: number
  /** Tasks that are started first, so that there are never fewer than before. */
  spare: number
  healthChecked: boolean
  deployment: string
  latency: number | null
}

/** The most that one batch takes: to stop (at most 120 s), to start, to become healthy. */
const BATCH_SECONDS = 420
const AGAIN_SECONDS = 5

export async function lookAtTasks(
  tools: Tools,
  target: Target,
  options: RestartOptions,
): Promise<{ facts: TaskFacts; stop?: string; tasks: EcsTask[]; service: EcsService; on: EcsScope }> {
  const ecs = target.ecs!
  const service = await serviceOf(tools, ecs)
  const tasks = await tasksOf(tools, ecs, 'RUNNING')
  const batch = batchOf(service.desiredCount, options.batchPercent)
  const hasSpare = options.spare && service.schedulingStrategy !== 'DAEMON'
  const stop = whyNot(REPLACED, service, ecs)
  const facts: TaskFacts = {
    desired: service.desiredCount,
    batch,
    spare: hasSpare ? batch : 0,
    healthChecked: tasks.some(({ healthStatus }) => healthStatus !== undefined && healthStatus !== 'UNKNOWN'),
    deployment: service.deployments[0]?.id ?? '',
    latency: (await latencyNow(tools, target, options)) ?? null,
  }
  return { facts, tasks, service, on: scopeOf(ecs, service), ...(stop !== undefined && { stop }) }
}

export interface Restart {
  target: Target
  options: RestartOptions
  facts: TaskFacts
  /** Like `INC-0001-1`. */
  run: string
  /** Tasks created before this time (ms) are restarted. */
  since(tools: Tools): Promise<number>
  /** Ids of tasks (the ends of their ARNs): only these are restarted. */
  only?: string[]
}

/** Starts one more batch, restarts, and goes back to as many as before. */
export function restartSteps(restart: Restart): Step[] {
  const { facts } = restart
  if (facts.spare === 0) return [restartStep(restart)]
  return [spareStep(restart), restartStep(restart), backStep(restart)]
}

function spareStep(restart: Restart): Step {
  const { target, facts } = restart
  const ecs = target.ecs!
  const wanted = facts.desired + facts.spare
  return {
    name: `Start ${plural(facts.spare, 'more task')} first`,
    calls: [called(ecs, 'UpdateService', `desiredCount=${wanted}`)],
    touches: `${facts.desired} → ${plural(wanted, 'task')}`,
    withinSeconds: BATCH_SECONDS,
    async ready(tools) {
      const now = await serviceOf(tools, ecs)
      return now.desiredCount === wanted ? undefined : whyNot(REPLACED, now, ecs)
    },
    async turn(tools) {
      const now = await serviceOf(tools, ecs)
      if (now.desiredCount < wanted) {
        await tools.cloud.call('ecs', 'UpdateService', {
          cluster: ecs.cluster,
          service: ecs.service,
          desiredCount: wanted,
        })
        return { going: `${plural(wanted, 'task')} asked for`, againInSeconds: AGAIN_SECONDS }
      }
      const { fresh, up, failed } = await progress(tools, restart)
      if (failed) throw failure(failed)
      return up.length >= facts.spare && now.runningCount >= wanted
        ? { done: `${plural(now.runningCount, 'task')} running` }
        : { going: `${up.length} of ${fresh.length} new tasks are healthy`, againInSeconds: AGAIN_SECONDS }
    },
    undo: {
      name: `Back to ${plural(facts.desired, 'task')}`,
      calls: [called(ecs, 'UpdateService', `desiredCount=${facts.desired}`)],
      touches: `${wanted} → ${plural(facts.desired, 'task')}`,
      turn: (tools) => backToBefore(tools, ecs, facts),
    },
  }
}

const backStep = ({ target, facts }: Restart): Step => ({
  name: `Back to ${plural(facts.desired, 'task')}`,
  calls: [called(target.ecs!, 'UpdateService', `desiredCount=${facts.desired}`)],
  touches: `${facts.desired + facts.spare} → ${plural(facts.desired, 'task')}`,
  turn: (tools) => backToBefore(tools, target.ecs!, facts),
})

/** What somebody else has set meanwhile stays. */
async function backToBefore(tools: Tools, ecs: EcsTarget, { desired, spare }: TaskFacts): Promise<Turn> {
  const { desiredCount } = await serviceOf(tools, ecs)
  if (desiredCount === desired) return { done: `${plural(desired, 'task')}, as before` }
  if (desiredCount !== desired + spare)
    return { done: `${plural(desiredCount, 'task')}: somebody else has set it meanwhile` }
  await tools.cloud.call('ecs', 'UpdateService', { cluster: ecs.cluster, service: ecs.service, desiredCount: desired })
  return { done: `${plural(desired, 'task')}, as before` }
}

function restartStep(restart: Restart): Step {
  const { target, facts, options, run, only } = restart
  const ecs = target.ecs!
  const count = only?.length ?? facts.desired
  const batches = Math.ceil(count / facts.batch)
  return {
    name: only ? `Restart ${plural(count, 'task')}` : `Restart ${plural(count, 'task')}, ${facts.batch} at a time`,
    calls: [`ecs StopTask cluster=${ecs.cluster} task=${only ? only.join(',') : `each of ${count}`}`],
    touches: `${count} of ${plural(facts.desired, 'task')} of ${ecs.service}, in ${batches === 1 ? 'one batch' : `${batches} batches`}`,
    withinSeconds: batches * BATCH_SECONDS,
    async ready(tools) {
      const [deployment, ...others] = (await serviceOf(tools, ecs)).deployments
      return others.length > 0 || deployment?.id !== facts.deployment ? 'somebody has deployed since' : undefined
    },
    async turn(tools) {
      const { old, fresh, up, running, wanted, failed } = await progress(tools, restart)
      if (failed) throw failure(failed)
      const replaced = Math.max(0, count - old.length)
      if (up.length < fresh.length || running < wanted)
        return { going: `${replaced} of ${count} restarted; waiting for new tasks`, againInSeconds: AGAIN_SECONDS }
      if (old.length === 0) return { done: `${plural(count, 'task')} restarted, all healthy` }
      await stopIfWorse(tools, target, options, facts.latency)
      for (const { taskArn } of old.slice(0, facts.batch))
        await tools.cloud.call('ecs', 'StopTask', { cluster: ecs.cluster, task: taskArn, reason: `Tocsin ${run}` })
      return { going: `${replaced} of ${count} restarted`, againInSeconds: AGAIN_SECONDS }
    },
  }
}

const failure = (task: EcsTask): Refused =>
  new Refused(
    `the new task ${idOf(task)} failed (${task.stoppedReason ?? task.healthStatus ?? 'no reason given'}): nothing more is stopped`,
  )

/** How far it is, read from ECS alone, so that any turn can be the first. In `old`, unhealthy tasks come first. */
async function progress(tools: Tools, { target, facts, since, only }: Restart) {
  const ecs = target.ecs!
  const from = await since(tools)
  const tasks = await tasksOf(tools, ecs, 'RUNNING')
  const stopped = await tasksOf(tools, ecs, 'STOPPED')
  const service = await serviceOf(tools, ecs)
  const targets = await healthyTargets(tools, service)
  const isOld = (task: EcsTask): boolean => createdAt(task) < from && (only?.includes(idOf(task)) ?? true)
  const isNew = (task: EcsTask): boolean => createdAt(task) >= from
  const fresh = tasks.filter(isNew)
  const up = fresh.filter((task) => isUp(task, facts.healthChecked, targets))
  const sick = fresh.find(({ healthStatus }) => healthStatus === 'UNHEALTHY')
  const old = tasks.filter(isOld).sort((a, b) => rank(a) - rank(b) || createdAt(a) - createdAt(b))
  return {
    old,
    fresh,
    up,
    wanted: service.desiredCount,
    running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    failed: stopped.find((task) => isNew(task) && hasFailed(task)) ?? sick,
  }
}

const rank = ({ healthStatus }: EcsTask): number => (healthStatus === 'UNHEALTHY' ? 0 : 1)
