// ECS: services, tasks and task definitions of this world.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Revision } from '../service/worker.ts'
import { lastOf, number, optional, text, texts, type Api, type Input, type Place } from './api.ts'
import { changesIn, inputOf, shapesOf } from './ecs-shapes.ts'

interface Definition {
  family: string
  revision: Revision
  /** As it was registered. */
  input: Input
}

export function ecs(place: Place): Api {
  const { world, date } = place
  const { definitionArn, described, task } = shapesOf(place)
  const definitions = new Map<string, Definition>()
  const services = [...world.services.values()].filter(({ plan }) => plan.ecs)
  for (const { plan, fleet } of services) {
    const { revision } = fleet.deployments[0]!
    const family = plan.ecs!.service
    definitions.set(definitionArn(family, revision.number), { family, revision, input: inputOf(family, revision) })
  }

  const find = (input: Input, key = 'service'): SimulatedService => {
    const [cluster, name] = [lastOf(optional(input, 'cluster') ?? 'default'), lastOf(text(input, key))]
    const found = services.find(({ plan }) => plan.ecs!.cluster === cluster && plan.ecs!.service === name)
    if (!found) throw new Refused(`ServiceNotFoundException: there is no service ${name} in the cluster ${cluster}`)
    return found
  }
  const definition = (name: string): [string, Definition] => {
    const found = [...definitions].filter(
      ([key, { family }]) => key === name || lastOf(key) === lastOf(name) || family === name,
    )
    const newest = found.at(-1)
    if (!newest) throw new Refused(`ClientException: there is no task definition ${name}`)
    return newest
  }
  const tasks = (service: SimulatedService) => [
    ...service.fleet.workers.map((worker) => task(service, worker)),
    ...service.fleet.gone.filter(({ at }) => world.second - at < 3600).map((gone) => task(service, gone.worker, gone)),
  ]

  return {
    DescribeServices: (input) => ({
      services: texts(input, 'services').flatMap((name) => {
        try {
          return [described(find({ ...input, service: name }))]
        } catch {
          return []
        }
      }),
      failures: [],
    }),
    ListTasks: (input) => ({
      taskArns: (input['serviceName'] === undefined ? services : [find(input, 'serviceName')])
        .flatMap(tasks)
        .filter(({ desiredStatus }) => desiredStatus === (optional(input, 'desiredStatus') ?? 'RUNNING'))
        .map((one) => one.taskArn),
    }),
    DescribeTasks: (input) => {
      const wanted = texts(input, 'tasks').map(lastOf)
      return { tasks: services.flatMap(tasks).filter(({ taskArn }) => wanted.includes(lastOf(taskArn))), failures: [] }
    },
    StopTask(input) {
      const id = lastOf(text(input, 'task'))
      const owner = services.find(({ fleet }) => fleet.workers.some((worker) => worker.id === id))
      if (!owner) throw new Refused(`InvalidParameterException: the task ${id} was not found`)
      owner.fleet.stop(id, world.second)
      return {
        task: task(
          owner,
          owner.fleet.workers.find((worker) => worker.id === id)!,
        ),
      }
    },
    UpdateService(input) {
      const service = find(input)
      const { fleet } = service
      const wanted = number(input, 'desiredCount')
      const named = optional(input, 'taskDefinition')
      if (wanted !== undefined) fleet.desired = wanted
      const configured = input['deploymentConfiguration'] as Partial<typeof fleet.pace> | undefined
      const pace = { ...fleet.pace, ...configured }
      const revision = named === undefined ? fleet.deployments[0]!.revision : definition(named)[1].revision
      if (input['forceNewDeployment'] === true || revision.number !== fleet.deployments[0]!.revision.number)
        fleet.deploy(revision, world.second, pace)
      return { service: described(service) }
    },
    DescribeTaskDefinition(input) {
      const [taskDefinitionArn, found] = definition(text(input, 'taskDefinition'))
      return {
        taskDefinition: {
          ...found.input,
          taskDefinitionArn,
          family: found.family,
          revision: found.revision.number,
          status: 'ACTIVE',
        },
        tags: [],
      }
    },
    RegisterTaskDefinition(input) {
      const family = text(input, 'family')
      const service = services.find(({ plan }) => plan.ecs!.service === family)
      if (!service) throw new Refused(`ClientException: this world has no task definitions of the family ${family}`)
      const revision = service.newRevision(changesIn(input))
      const taskDefinitionArn = definitionArn(family, revision.number)
      const { tags: _, ...kept } = input
      definitions.set(taskDefinitionArn, { family, revision, input: kept })
      return {
        taskDefinition: {
          ...kept,
          taskDefinitionArn,
          family,
          revision: revision.number,
          status: 'ACTIVE',
          registeredAt: date(world.second),
        },
      }
    },
  }
}
