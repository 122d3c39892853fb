// A timeout in an environment variable of the ECS task definition.
import type { Target } from '../../core/services/config.ts'
import { definitionOf, foreignRoles, nameOf, type TaskDefinition } from '../parts/definition.ts'
import { deployPermissions, deployStep } from '../parts/deploy.ts'
import { scopeOf, serviceOf, unsteady } from '../parts/ecs.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import type { Options } from './options.ts'
import { shorterTimeout } from './shorter.ts'
import { inSeconds, secondsOf, written, approvedTimeout, NEW_TIMEOUT } from './value.ts'
import { plural } from '../../core/words/words.ts'

interface Facts {
  before: string
  next: string
  taskDefinition: string
  deployment: string
  tasks: number
  latency: number | null
}

export const environment: Kind<Options, Facts> = {
  async look(tools, about) {
    const { target, options } = about
    const { variable, unit } = timeoutOf(target)
    const service = await serviceOf(tools, target.ecs!)
    const definition = await definitionOf(tools, service.taskDefinition)
    const before = valueIn(definition, variable)
    const facts = {
      before: before ?? '',
      next: before ?? '',
      taskDefinition: service.taskDefinition,
      deployment: service.deployments[0]?.id ?? '',
      tasks: service.desiredCount,
      latency: null,
    }
    const now = before === undefined ? undefined : secondsOf(before, unit)
    if (now === undefined) {
      const stop = `${variable} of ${nameOf(service.taskDefinition)} is ${before === undefined ? 'not there' : 'not a number'}`
      return { found: stop, stop, facts }
    }
    const to = await shorterTimeout(tools, about, now)
    const why = unsteady(service) ?? foreignRoles(definition, target.ecs!)
    if ('stop' in to) return { found: `the timeout is ${inSeconds(before!, unit)}`, stop: to.stop, facts }
    const next = approvedTimeout(about) ?? written(to.seconds, unit, before!)
    const on = scopeOf(target.ecs!, service)
    const latency = (await latencyNow(tools, target, options)) ?? null
    return {
      found: `the timeout is ${inSeconds(before!, unit)} and can be ${inSeconds(next, unit)} (${to.why}), in ${plural(service.desiredCount, 'task')}`,
      facts: { ...facts, next, latency },
      scope: {
        words: `${variable} ${inSeconds(before!, unit)} → ${inSeconds(next, unit)} in ${on.service}, as a new revision after ${on.revision}`,
        on: { ...on, variable, timeout: before!, [NEW_TIMEOUT]: next },
      },
      ...(why !== undefined && { stop: why }),
    }
  },

  steps({ before, next, taskDefinition, deployment, tasks, latency }, { target, options }) {
    const { variable, unit } = timeoutOf(target)
    return [
      deployStep({
        name: `Deploy ${variable} = ${next}`,
        touches: `${variable} ${inSeconds(before, unit)} → ${inSeconds(next, unit)}, ${plural(tasks, 'task')}`,
        undoName: `Deploy ${variable} = ${before} again`,
        target,
        options,
        before: taskDefinition,
        deployment,
        latency,
        apply: (definition) => withValue(definition, variable, next),
      }),
    ]
  },

  permissions: ({ ecs }, _, place) => [...deployPermissions(ecs!, place), ...metricPermissions()],
}

const timeoutOf = ({ timeout }: Target) => ({ variable: timeout!.environment!, unit: timeout!.unit })

const valueIn = ({ containerDefinitions }: TaskDefinition, variable: string): string | undefined =>
  containerDefinitions.flatMap(({ environment = [] }) => environment).find(({ name }) => name === variable)?.value

/** In every container that has it. */
const withValue = (definition: TaskDefinition, variable: string, value: string): TaskDefinition => ({
  ...definition,
  containerDefinitions: definition.containerDefinitions.map((container) => ({
    ...container,
    ...(container.environment && {
      environment: container.environment.map((one) => (one.name === variable ? { ...one, value } : one)),
    }),
  })),
})
