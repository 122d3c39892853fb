// A timeout in an environment variable of the ECS task definition.
import type { Target } from '../../core/services/config.ts'
import { definitionOf, nameOf, OWN_ROLES, type TaskDefinition } from '../parts/ecs/definition.ts'
import { deployPermissions, deployStep } from '../parts/ecs/deploy.ts'
import { DEPLOYED } from '../parts/ecs/rules.ts'
import { scopeOf, serviceOf } from '../parts/ecs/service.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import type { Look } from '../runbook.ts'
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
    const facts = {
      before: '',
      next: '',
      taskDefinition: service.taskDefinition,
      deployment: service.deployments[0]?.id ?? '',
      tasks: service.desiredCount,
      latency: null,
    }
    const stopped = (stop: string): Look<Facts> => ({
      found: `${variable} of ${nameOf(service.taskDefinition)}`,
      stop,
      facts,
    })
    const isMoving = whyNot(DEPLOYED, service, target.ecs!)
    if (isMoving !== undefined) return stopped(isMoving)
    const definition = await definitionOf(tools, service.taskDefinition)
    const isWrong = whyNot(PRECONDITIONS, definition, target)
    if (isWrong !== undefined) return stopped(isWrong)
    const before = valuesIn(definition, variable)[0]!
    const to = await shorterTimeout(tools, about, secondsOf(before, unit)!)
    if ('stop' in to) return { found: `the timeout is ${inSeconds(before, unit)}`, stop: to.stop, facts }
    const next = approvedTimeout(about) ?? written(to.seconds, unit, before)
    const on = scopeOf(target.ecs!, service)
    const latency = (await latencyNow(tools, target, options)) ?? null
    return {
      found: `the timeout is ${inSeconds(before, unit)} and can be ${inSeconds(next, unit)} (${to.why}), in ${plural(service.desiredCount, 'task')}`,
      facts: { ...facts, before, next, latency },
      scope: {
        words: `${variable} ${inSeconds(before, unit)} → ${inSeconds(next, unit)} in ${on.service}, as a new revision after ${on.revision}`,
        on: { ...on, variable, timeout: before, [NEW_TIMEOUT]: next },
      },
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

const valuesIn = ({ containerDefinitions }: TaskDefinition, variable: string): string[] =>
  containerDefinitions
    .flatMap(({ environment = [] }) => environment)
    .flatMap(({ name, value }) => (name === variable ? [value] : []))

/** Those of `DEPLOYED` come first. */
export const PRECONDITIONS: readonly Precondition<[TaskDefinition, Target]>[] = [
  {
    field: 'containerDefinitions[].secrets[] of DescribeTaskDefinition',
    must: 'does not name the variable',
    stops({ containerDefinitions, taskDefinitionArn }, target) {
      const { variable } = timeoutOf(target)
      const secret = containerDefinitions.flatMap(({ secrets = [] }) => secrets).find(({ name }) => name === variable)
      return (
        secret &&
        `${variable} of ${nameOf(taskDefinitionArn)} is read from ${secret.valueFrom}: name that in target.timeout.parameter`
      )
    },
  },
  {
    field: 'containerDefinitions[].environment[] of DescribeTaskDefinition',
    must: 'has the variable, with one value everywhere, a plain number',
    stops(definition, target) {
      const { variable, unit } = timeoutOf(target)
      const values = valuesIn(definition, variable)
      const what = `${variable} of ${nameOf(definition.taskDefinitionArn)}`
      if (values.length === 0) return `${what} is not there`
      if (new Set(values).size > 1) return `${what} is ${values.join(' and ')}, a value for each container`
      return secondsOf(values[0]!, unit) === undefined ? `${what} is not a number` : undefined
    },
  },
  {
    ...OWN_ROLES,
    stops: (definition, target) => OWN_ROLES.stops(definition, target.ecs!),
  },
]

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
