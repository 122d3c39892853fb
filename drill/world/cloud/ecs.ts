// ECS: services, tasks and task definitions of this world.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { SimulatedService } from '../service/service.ts'
import { lastOf, number, optional, text, texts, type Api, type Input, type Place } from './api.ts'
import { definitionsOf } from './ecs-definitions.ts'
import { shapesOf } from './ecs-shapes.ts'

/** The most that one page lists, or one DescribeTasks may name. */
const TASKS_MOST = 100
/** How long stopped tasks are listed. */
const STOPPED_SECONDS = 3600

export function ecs(place: Place): Api {
  const { world, page } = place
  const services = [...world.services.values()].filter(({ plan }) => plan.ecs)
  const definitions = definitionsOf(place, services)
  const { described, task } = shapesOf(place, definitions)

  const known = (input: Input, service: string): SimulatedService | undefined => {
    const [cluster, name] = [lastOf(optional(input, 'cluster') ?? 'default'), lastOf(service)]
    return services.find(({ plan }) => plan.ecs!.cluster === cluster && plan.ecs!.service === name)
  }
  const find = (input: Input, key = 'service'): SimulatedService => {
    const name = text(input, key)
    const found = known(input, name)
    if (!found) throw new Refused(`ServiceNotFoundException: there is no service ${name} in its cluster`)
    return found
  }
  const tasks = (service: SimulatedService) => [
    ...service.fleet.workers.map((worker) => task(service, worker)),
    ...service.fleet.gone
      .filter(({ at }) => world.second - at < STOPPED_SECONDS)
      .map((gone) => task(service, gone.worker, gone)),
  ]

  return {
    ...definitions.actions,
    DescribeServices(input) {
      const asked = texts(input, 'services').map((name) => [name, known(input, name)] as const)
      return {
        services: asked.flatMap(([, service]) => (service ? [described(service)] : [])),
        failures: asked.flatMap(([arn, service]) => (service ? [] : [{ arn, reason: 'MISSING' }])),
      }
    },
    ListTasks(input) {
      const found = (input['serviceName'] === undefined ? services : [find(input, 'serviceName')])
        .flatMap(tasks)
        .filter(({ desiredStatus }) => desiredStatus === (optional(input, 'desiredStatus') ?? 'RUNNING'))
      const most = Math.min(TASKS_MOST, number(input, 'maxResults') ?? TASKS_MOST)
      const { items, next } = page(found, optional(input, 'nextToken'), most)
      return { taskArns: items.map(({ taskArn }) => taskArn), ...(next !== undefined && { nextToken: next }) }
    },
    DescribeTasks(input) {
      const wanted = texts(input, 'tasks')
      if (wanted.length > TASKS_MOST)
        throw new Refused(`InvalidParameterException: ${wanted.length} tasks are more than ${TASKS_MOST}`)
      const all = new Map(services.flatMap(tasks).map((one) => [lastOf(one.taskArn), one]))
      return {
        tasks: wanted.flatMap((name) => all.get(lastOf(name)) ?? []),
        failures: wanted.filter((name) => !all.has(lastOf(name))).map((arn) => ({ arn, reason: 'MISSING' })),
      }
    },
    StopTask(input) {
      const id = lastOf(text(input, 'task'))
      const owner = services.find(({ fleet }) => fleet.workers.some((worker) => worker.id === id))
      if (!owner) throw new Refused(`InvalidParameterException: the task ${id} was not found`)
      owner.fleet.stop(id, world.second)
      return { task: tasks(owner).find(({ taskArn }) => lastOf(taskArn) === id) }
    },
    UpdateService(input) {
      const service = find(input)
      const { fleet } = service
      const wanted = number(input, 'desiredCount')
      const named = optional(input, 'taskDefinition')
      if (wanted !== undefined) fleet.desired = wanted
      const configured = input['deploymentConfiguration'] as Partial<typeof fleet.pace> | undefined
      const pace = { ...fleet.pace, ...configured }
      const revision = named === undefined ? fleet.deployments[0]!.revision : definitions.revisionOf(named)
      if (input['forceNewDeployment'] === true || revision.number !== fleet.deployments[0]!.revision.number)
        fleet.deploy(revision, world.second, pace)
      return { service: described(service) }
    },
  }
}
