// What ECS says about services, tasks and task definitions, in the SDK's shapes.
import type { Deployment } from '../service/fleet.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Revision, Worker } from '../service/worker.ts'
import { records, type Input, type Place } from './api.ts'
import { addressOf, groupArnOf } from './elbv2.ts'

export function shapesOf(place: Place) {
  const { arn, date } = place
  const definitionArn = (family: string, revision: number): string =>
    arn('ecs', `task-definition/${family}:${revision}`)
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
      stopCode: {
        stopped: 'UserInitiated',
        replaced: 'ServiceSchedulerInitiated',
        'out of memory': 'EssentialContainerExited',
      }[stopped.why],
      stoppedReason:
        stopped.why === 'out of memory' ? 'OutOfMemoryError: container killed due to memory usage' : stopped.why,
    }),
  })
  return { definitionArn, described, task }
}

export const inputOf = (family: string, { environment, memoryMiB, cpu }: Revision): Input => ({
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

/** The parts of a definition that this world knows: its environment, its memory and its share of a processor. */
export function changesIn(input: Input): Partial<Revision> {
  const containers = records(input, 'containerDefinitions')
  const pairs = containers
    .flatMap((one) => records(one, 'environment'))
    .map(({ name, value }) => [String(name), String(value)])
  const memory = Number(input['memory'] ?? containers[0]?.['memory'])
  const cpu = Number(input['cpu'])
  return {
    environment: Object.fromEntries(pairs) as Record<string, string>,
    ...(memory > 0 && { memoryMiB: memory }),
    ...(cpu > 0 && { cpu }),
  }
}
