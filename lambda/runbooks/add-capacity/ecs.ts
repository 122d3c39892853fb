// Adds tasks to an ECS service.
import { more } from './more.ts'
import { plural } from '../../core/words/words.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import {
  called,
  createdAt,
  ecsPermissions,
  groupsOf,
  hasFailed,
  healthyTargets,
  idOf,
  isUp,
  scopeOf,
  serviceOf,
  tasksOf,
  type EcsTarget,
} from '../parts/ecs.ts'
import type { Kind } from '../parts/kind.ts'
import type { Step, Turn } from '../runbook.ts'
import type { Options } from './options.ts'

interface Facts {
  before: number
  next: number
  healthChecked: boolean
}

const AGAIN_SECONDS = 5

export const ecs: Kind<Options, Facts> = {
  async look(tools, { target, options }) {
    const service = await serviceOf(tools, target.ecs!)
    const before = service.desiredCount
    const next = more(before, options.byPercent, options.max)
    const tasks = await tasksOf(tools, target.ecs!, 'RUNNING')
    const healthChecked = tasks.some(({ healthStatus }) => healthStatus !== undefined && healthStatus !== 'UNKNOWN')
    const stop = whyNot(before, next, service.schedulingStrategy === 'DAEMON', options)
    return {
      found: `${plural(before, 'task')}, ${service.runningCount} of them run; at most ${options.max}`,
      facts: { before, next, healthChecked },
      scope: {
        words: `${before} → ${plural(next, 'task')} of ${target.ecs!.cluster}/${target.ecs!.service}`,
        on: { ...scopeOf(target.ecs!, service), tasks: String(before), 'more tasks': String(next - before) },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, { target, since }) => [addStep(target.ecs!, facts, since)],

  permissions: ({ ecs }, _, place) => ecsPermissions(ecs!, place, ['UpdateService']),
}

function whyNot(before: number, next: number, isDaemon: boolean, { max }: Options): string | undefined {
  if (isDaemon) return 'a daemon has one task on each machine: add machines'
  if (before === 0) return 'it is scaled to no tasks'
  return next <= before ? `it has ${before} of at most ${plural(max, 'task')}` : undefined
}

function addStep(ecs: EcsTarget, facts: Facts, since: number): Step {
  const { before, next } = facts
  const set = (tools: Tools, desiredCount: number) =>
    tools.cloud.call('ecs', 'UpdateService', { cluster: ecs.cluster, service: ecs.service, desiredCount })
  return {
    name: `Run ${plural(next, 'task')}`,
    calls: [called(ecs, 'UpdateService', `desiredCount=${next}`)],
    touches: `${before} → ${plural(next, 'task')}`,
    async ready(tools) {
      const { desiredCount } = await serviceOf(tools, ecs)
      return desiredCount === before || desiredCount === next
        ? undefined
        : `somebody has set ${plural(desiredCount, 'task')} since`
    },
    async turn(tools) {
      const service = await serviceOf(tools, ecs)
      if (service.desiredCount < next) {
        await set(tools, next)
        return { going: `${plural(next, 'task')} asked for`, againInSeconds: AGAIN_SECONDS }
      }
      return started(tools, ecs, facts, since)
    },
    undo: {
      name: `Back to ${plural(before, 'task')}`,
      calls: [called(ecs, 'UpdateService', `desiredCount=${before}`)],
      touches: `${next} → ${plural(before, 'task')}`,
      async turn(tools) {
        const { desiredCount } = await serviceOf(tools, ecs)
        if (desiredCount === next) await set(tools, before)
        else if (desiredCount !== before)
          return { done: `${plural(desiredCount, 'task')}: somebody else has set it meanwhile` }
        return { done: `${plural(before, 'task')}, as before` }
      },
    },
  }
}

async function started(
  tools: Tools,
  ecs: EcsTarget,
  { before, next, healthChecked }: Facts,
  since: number,
): Promise<Turn> {
  const targets = await healthyTargets(tools, groupsOf(await serviceOf(tools, ecs)))
  const isNew = (task: Parameters<typeof createdAt>[0]): boolean => createdAt(task) >= since
  const failed = (await tasksOf(tools, ecs, 'STOPPED')).find((task) => isNew(task) && hasFailed(task))
  if (failed) throw new Refused(`the new task ${idOf(failed)} failed (${failed.stoppedReason ?? 'no reason given'})`)
  const tasks = await tasksOf(tools, ecs, 'RUNNING')
  const up = tasks.filter((task) => isNew(task) && isUp(task, healthChecked, targets)).length
  return tasks.length >= next && up >= next - before
    ? { done: `${plural(next, 'task')} running` }
    : { going: `${up} of ${next - before} new tasks are healthy`, againInSeconds: AGAIN_SECONDS }
}
