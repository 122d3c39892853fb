// Adds tasks to an ECS service.
import { more } from './more.ts'
import { plural } from '../../core/words/words.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import { GROWING } from '../parts/ecs/rules.ts'
import { called, ecsPermissions, scopeOf, serviceOf, type EcsService, type EcsTarget } from '../parts/ecs/service.ts'
import { createdAt, hasFailed, healthyTargets, idOf, isUp, tasksOf } from '../parts/ecs/tasks.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
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
    const stop = whyNot(PRECONDITIONS, service, target.ecs!, options)
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

export const PRECONDITIONS: readonly Precondition<[EcsService, EcsTarget, Options]>[] = [
  ...GROWING,
  {
    field: 'desiredCount, the option max',
    must: 'below `max`',
    stops: ({ desiredCount }, _, { max }) =>
      desiredCount >= max ? `it has ${desiredCount} of at most ${plural(max, 'task')}` : undefined,
  },
]

function addStep(ecs: EcsTarget, facts: Facts, since: number): Step {
  const { before, next } = facts
  const set = (tools: Tools, desiredCount: number) =>
    tools.cloud.call('ecs', 'UpdateService', { cluster: ecs.cluster, service: ecs.service, desiredCount })
  return {
    name: `Run ${plural(next, 'task')}`,
    calls: [called(ecs, 'UpdateService', `desiredCount=${next}`)],
    touches: `${before} → ${plural(next, 'task')}`,
    async ready(tools) {
      const service = await serviceOf(tools, ecs)
      if (service.desiredCount === next) return undefined
      return service.desiredCount === before
        ? whyNot(GROWING, service, ecs)
        : `somebody has set ${plural(service.desiredCount, 'task')} since`
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
  const targets = await healthyTargets(tools, await serviceOf(tools, ecs))
  const isNew = (task: Parameters<typeof createdAt>[0]): boolean => createdAt(task) >= since
  const failed = (await tasksOf(tools, ecs, 'STOPPED')).find((task) => isNew(task) && hasFailed(task))
  if (failed) throw new Refused(`the new task ${idOf(failed)} failed (${failed.stoppedReason ?? 'no reason given'})`)
  const tasks = await tasksOf(tools, ecs, 'RUNNING')
  const up = tasks.filter((task) => isNew(task) && isUp(task, healthChecked, targets)).length
  return tasks.length >= next && up >= next - before
    ? { done: `${plural(next, 'task')} running` }
    : { going: `${up} of ${next - before} new tasks are healthy`, againInSeconds: AGAIN_SECONDS }
}
