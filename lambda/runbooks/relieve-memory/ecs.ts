// Memory of an ECS service: recycles its largest task or, if all its tasks need more, raises their limit up to a cap.
import { figure } from '../parts/breach.ts'
import { allNeedMore, largest, raised, type User } from './memory.ts'
import { definitionOf, OWN_ROLES, type TaskDefinition } from '../parts/ecs/definition.ts'
import { deployPermissions, deployStep } from '../parts/ecs/deploy.ts'
import { REPLACED, ROLLS } from '../parts/ecs/rules.ts'
import { ecsPermissions, type EcsScope, type EcsService, type EcsTarget } from '../parts/ecs/service.ts'
import { createdAt, idOf, type EcsTask } from '../parts/ecs/tasks.ts'
import type { Kind } from '../parts/kind.ts'
import { largestPermissions, percents } from '../parts/largest.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { merged, metricPermissions } from '../parts/metric.ts'
import { lookAtTasks, restartSteps, type TaskFacts } from '../parts/ecs/restart.ts'
import type { Case, Look, Tools, Scope } from '../runbook.ts'
import type { Options } from './options.ts'
import { plural } from '../../core/words/words.ts'

type Facts = TaskFacts & {
  task: string
  raise: { taskDefinition: string; from: number; to: number } | null
}

export const ecs: Kind<Options, Facts> = {
  async look(tools, about) {
    const { target, options } = about
    const seen = await lookAtTasks(tools, target, { ...options, batchPercent: 1 })
    const users = await usersOf(tools, about, seen.tasks)
    const wanted = about.approved?.on['task']
    const worst = largest(wanted === undefined ? users : users.filter(({ id }) => id === wanted))
    const facts: Facts = { ...seen.facts, task: worst?.id ?? '', raise: null }
    const found = told(users, worst)
    const stop = whyNot(PRECONDITIONS, { service: seen.service, worst, wanted, about })
    if (stop !== undefined) return { found, facts, stop }
    const scope = {
      words: `the task ${facts.task} of ${seen.on.service}`,
      on: { ...seen.on, task: facts.task },
    }
    return raising(tools, about, { users, on: seen.on, service: seen.service }, { found, facts, scope })
  },

  steps(facts, { target, options, run, since }) {
    if (facts.raise) return [raiseStep(facts, facts.raise, { target, options })]
    const restart = { ...options, batchPercent: 1 }
    return restartSteps({ target, options: restart, facts, run, since: async () => since, only: [facts.task] })
  },

  permissions: ({ ecs }, { spare, maxMiB }, place) =>
    merged([
      ...ecsPermissions(ecs!, place, spare ? ['StopTask', 'UpdateService'] : ['StopTask']),
      ...(maxMiB === undefined ? [] : deployPermissions(ecs!, place)),
      ...largestPermissions(),
      ...metricPermissions(),
    ]),
}

async function usersOf(tools: Tools, { target, options }: Case<Options>, tasks: EcsTask[]): Promise<User[]> {
  const source = { ...options.perTask, dimension: 'TaskId', within: { ClusterName: target.ecs!.cluster } }
  const known = await percents(tools, source, tasks.map(idOf))
  return tasks.map((task) => ({ id: idOf(task), percent: known.get(idOf(task)), since: createdAt(task) }))
}

function told(users: User[], worst: User | undefined): string {
  if (!worst) return 'no task runs'
  const measured = users.filter(({ percent }) => percent !== undefined).length
  return worst.percent === undefined
    ? `nothing measures memory by task (Container Insights with enhanced observability would); ${worst.id} runs longest of ${users.length}`
    : `${worst.id} uses ${figure(worst.percent)} % of its memory, most of ${measured < users.length ? `the ${measured} that are measured, of ` : ''}${plural(users.length, 'task')}`
}

interface Seen {
  service: EcsService
  worst: User | undefined
  /** What was approved. */
  wanted: string | undefined
  about: Case<Options>
}

export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  ...REPLACED.map(({ stops, ...rule }) => ({
    ...rule,
    stops: ({ service, about }: Seen) => stops(service, about.target.ecs!),
  })),
  {
    field: 'taskArns[] of ListTasks',
    must: 'has the task that was approved',
    stops: ({ worst, wanted }) =>
      wanted !== undefined && !worst ? `the task ${wanted} does not run any more` : undefined,
  },
  {
    field: 'the metric perTask, of GetMetricData',
    must: 'at least `abovePercent`, where it is measured',
    stops: ({ worst, about: { options } }) =>
      worst?.percent !== undefined && worst.percent < options.abovePercent
        ? `no task uses more than ${options.abovePercent} %`
        : undefined,
  },
]

/** Where the limit is raised. */
export const RAISED: readonly Precondition<[EcsService, TaskDefinition, EcsTarget]>[] = [
  ...ROLLS.map(({ stops, ...rule }): Precondition<[EcsService, TaskDefinition, EcsTarget]> => ({
    ...rule,
    stops: (service, _, target) => stops(service, target),
  })),
  { ...OWN_ROLES, stops: (_, definition, target) => OWN_ROLES.stops(definition, target) },
]

/** Only if all need more and the cap leaves room; otherwise the largest is recycled. */
async function raising(
  tools: Tools,
  { target, options }: Case<Options>,
  { users, on, service }: { users: User[]; on: EcsScope; service: EcsService },
  { found, facts, scope }: Look<Facts> & { scope: Scope },
): Promise<Look<Facts>> {
  if (options.maxMiB === undefined || !allNeedMore(users, options.abovePercent)) return { found, facts, scope }
  const { taskDefinition } = service
  const definition = await definitionOf(tools, taskDefinition)
  const from = limitOf(definition)
  const to = from === undefined ? undefined : raised(from, options.raisePercent, options.maxMiB, fargateCpu(definition))
  if (from === undefined || to === undefined || to <= from) return { found, facts, scope }
  const stop = whyNot(RAISED, service, definition, target.ecs!)
  return {
    found: `${found}; all use more than ${options.abovePercent} % of ${from} MiB`,
    facts: { ...facts, raise: { taskDefinition, from, to } },
    scope: {
      words: `the memory of ${on.service}, ${from} → ${to} MiB, as a new revision after ${on.revision}`,
      on: { ...on, 'memory limit': `${from} → ${to} MiB` },
    },
    ...(stop !== undefined && { stop }),
  }
}

/** The limit of the task, or of its only container. Undefined where raising it would leave each container at a smaller limit of its own. */
function limitOf({ memory, containerDefinitions }: TaskDefinition): number | undefined {
  if (memory !== undefined) {
    const follows = containerDefinitions.some((one) => one.memory === undefined || one.memory === Number(memory))
    return follows ? Number(memory) : undefined
  }
  return containerDefinitions.length === 1 ? containerDefinitions[0]!.memory : undefined
}

const fargateCpu = ({ requiresCompatibilities = [], cpu }: TaskDefinition): string | undefined =>
  requiresCompatibilities.includes('FARGATE') ? cpu : undefined

function withLimit(definition: TaskDefinition, from: number, to: number): TaskDefinition {
  return {
    ...definition,
    ...(definition.memory !== undefined && { memory: String(to) }),
    // A container that had all of the task's memory gets all of it again.
    containerDefinitions: definition.containerDefinitions.map((container) =>
      container.memory === from ? { ...container, memory: to } : container,
    ),
  }
}

function raiseStep(
  { desired, deployment, latency }: Facts,
  { taskDefinition, from, to }: NonNullable<Facts['raise']>,
  { target, options }: Pick<Case<Options>, 'target' | 'options'>,
) {
  return deployStep({
    name: `Raise the memory limit to ${to} MiB`,
    touches: `memory ${from} → ${to} MiB, ${plural(desired, 'task')}`,
    undoName: `Set the memory limit back to ${from} MiB`,
    target,
    options,
    before: taskDefinition,
    deployment,
    latency,
    apply: (definition) => withLimit(definition, from, to),
  })
}
