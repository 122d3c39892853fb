// ECS: services, tasks and task definitions of this world.
import { Refused } from '../../../lambda/ports.ts'
import type { Deployment } from '../fleet.ts'
import type { SimulatedService } from '../service.ts'
import type { Revision, Worker } from '../worker.ts'
import { lastOf, number, optional, records, text, texts, type Api, type Input, type Place } from './api.ts'
import { addressOf, groupArnOf } from './elbv2.ts'

interface Definition {
  family: string
  revision: Revision
  /** As it was registered. */
  input: Input
}

export function ecs(place: Place): Api {
  const { world, arn, date } = place
  const definitions = new Map<string, Definition>()
  const services = [...world.services.values()].filter(({ plan }) => plan.ecs)
  const definitionArn = (family: string, revision: number): string => arn('ecs', `task-definition/${family}:${revision}`)
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
  const taskArn = ({ plan }: SimulatedService, id: string): string => arn('ecs', `task/${plan.ecs!.cluster}/${id}`)
  const pendingOf = (workers: Worker[]): number => workers.filter(({ state }) => state === 'starting').length
  const runningOf = (workers: Worker[]): number => workers.filter(({ state }) => state === 'ready').length

  const deploymentOf = (service: SimulatedService, { id, revision, state, ...times }: Deployment, at: number) => {
    const own = service.fleet.workers.filter(({ deployment }) => deployment === id)
    return {
      id,
      status: at === 0 ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: definitionArn(service.plan.ecs!.service, revision.number),
      desiredCount: at === 0 ? service.fleet.desired : 0,
      runningCount: runningOf(own),
      pendingCount: pendingOf(own),
      failedTasks: 0,
      rolloutState: state,
      rolloutStateReason: `ECS deployment ${id} ${state === 'COMPLETED' ? 'completed' : 'in progress'}.`,
      createdAt: date(times.startedAt),
      updatedAt: date(times.updatedAt),
    }
  }
  const described = (service: SimulatedService) => {
    const { fleet, plan } = service
    const { cluster, service: name } = plan.ecs!
    const group = groupArnOf(place, plan)
    return {
      serviceArn: arn('ecs', `service/${cluster}/${name}`),
      serviceName: name,
      clusterArn: arn('ecs', `cluster/${cluster}`),
      status: 'ACTIVE',
      schedulingStrategy: 'REPLICA',
      desiredCount: fleet.desired,
      runningCount: runningOf(fleet.workers),
      pendingCount: pendingOf(fleet.workers),
      taskDefinition: definitionArn(name, fleet.deployments[0]!.revision.number),
      deploymentConfiguration: {
        minimumHealthyPercent: fleet.pace.minimumHealthyPercent,
        maximumPercent: fleet.pace.maximumPercent,
      },
      deployments: fleet.deployments.map((one, at) => deploymentOf(service, one, at)),
      loadBalancers: group === undefined ? [] : [{ targetGroupArn: group, containerName: name, containerPort: 8080 }],
      events: [],
    }
  }
  const task = (service: SimulatedService, worker: Worker, stopped?: SimulatedService['fleet']['gone'][number]) => ({
    taskArn: taskArn(service, worker.id),
    clusterArn: arn('ecs', `cluster/${service.plan.ecs!.cluster}`),
    group: `service:${service.plan.ecs!.service}`,
    startedBy: worker.deployment,
    taskDefinitionArn: definitionArn(service.plan.ecs!.service, worker.revision.number),
    lastStatus: stopped ? 'STOPPED' : worker.state === 'starting' ? 'PENDING' : 'RUNNING',
    desiredStatus: stopped || worker.state === 'stopping' ? 'STOPPED' : 'RUNNING',
    healthStatus: worker.state === 'ready' ? 'HEALTHY' : 'UNKNOWN',
    cpu: String(worker.revision.cpu),
    memory: String(worker.revision.memoryMiB),
    createdAt: date(worker.startedAt),
    startedAt: date(worker.startedAt + 2),
    containers: [{ name: service.plan.ecs!.service, networkInterfaces: [{ privateIpv4Address: addressOf(worker) }] }],
    ...(stopped && {
      stoppedAt: date(stopped.at),
      stopCode: { stopped: 'UserInitiated', replaced: 'ServiceSchedulerInitiated', 'out of memory': 'EssentialContainerExited' }[
        stopped.why
      ],
      stoppedReason: stopped.why === 'out of memory' ? 'OutOfMemoryError: container killed due to memory usage' : stopped.why,
    }),
  })
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
      return { task: task(owner, owner.fleet.workers.find((worker) => worker.id === id)!) }
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
      return { taskDefinition: { ...kept, taskDefinitionArn, family, revision: revision.number, status: 'ACTIVE', registeredAt: date(world.second) } }
    },
  }
}

const inputOf = (family: string, { environment, memoryMiB, cpu }: Revision): Input => ({
  family,
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: String(cpu),
  memory: String(memoryMiB),
  containerDefinitions: [
    {
      name: family,
      image: `${family}:stable`,
      essential: true,
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    },
  ],
})

/** What of a definition this world knows: its environment, its memory and its share of a processor. */
function changesIn(input: Input): Partial<Revision> {
  const containers = records(input, 'containerDefinitions')
  const pairs = containers.flatMap((one) => records(one, 'environment')).map(({ name, value }) => [String(name), String(value)])
  const memory = Number(input['memory'] ?? containers[0]?.['memory'])
  const cpu = Number(input['cpu'])
  return {
    environment: Object.fromEntries(pairs) as Record<string, string>,
    ...(memory > 0 && { memoryMiB: memory }),
    ...(cpu > 0 && { cpu }),
  }
}
