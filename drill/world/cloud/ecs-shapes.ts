// What ECS says about services and tasks, in the SDK's shapes.
import type { Deployment, Gone } from '../service/fleet.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Worker } from '../service/worker.ts'
import type { Place } from './api.ts'
import type { Definitions } from './ecs-definitions.ts'
import { addressOf, groupArnOf } from './elbv2.ts'

const ENDINGS: Record<Gone, { stopCode: string; stoppedReason: string }> = {
  stopped: { stopCode: 'UserInitiated', stoppedReason: 'stopped' },
  replaced: { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'replaced' },
  'out of memory': {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'OutOfMemoryError: container killed due to memory usage',
  },
  failed: { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' },
}

export function shapesOf(place: Place, { arnOf, isChecked }: Definitions) {
  const { world, arn, date } = place
  const hasRun = ({ runsFrom }: Worker): boolean => runsFrom <= world.second
  /** A task runs before health checks have found it well. */
  const countsOf = (workers: Worker[]) => {
    const staying = workers.filter(({ state }) => state !== 'stopping')
    const runningCount = staying.filter(hasRun).length
    return { runningCount, pendingCount: staying.length - runningCount }
  }

  const deploymentOf = (service: SimulatedService, one: Deployment, at: number) => ({
    id: one.id,
    status: at === 0 ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: arnOf(service, one.revision),
    desiredCount: at === 0 ? service.fleet.desired : 0,
    ...countsOf(service.fleet.workers.filter(({ deployment }) => deployment === one.id)),
    failedTasks: one.failed,
    rolloutState: one.state,
    rolloutStateReason: `ECS deployment ${one.id} ${one.state === 'COMPLETED' ? 'completed' : 'in progress'}.`,
    createdAt: date(one.startedAt),
    updatedAt: date(one.updatedAt),
  })
  const described = (service: SimulatedService) => {
    const { fleet, plan, ecs } = service
    const { cluster, service: name, controller } = plan.ecs!
    const group = groupArnOf(place, plan)
    return {
      serviceArn: arn('ecs', `service/${cluster}/${name}`),
      serviceName: name,
      clusterArn: arn('ecs', `cluster/${cluster}`),
      status: 'ACTIVE',
      schedulingStrategy: ecs.daemon ? 'DAEMON' : 'REPLICA',
      desiredCount: fleet.desired,
      ...countsOf(fleet.workers),
      taskDefinition: arnOf(service, fleet.deployments[0]!.revision),
      deploymentConfiguration: {
        minimumHealthyPercent: fleet.pace.minimumHealthyPercent,
        maximumPercent: fleet.pace.maximumPercent,
      },
      ...(controller === 'ECS'
        ? { deployments: fleet.deployments.map((one, at) => deploymentOf(service, one, at)) }
        : {
            deploymentController: { type: controller },
            deployments: [],
            taskSets: fleet.deployments.map((one, at) => ({
              id: one.id,
              status: at === 0 ? 'PRIMARY' : 'ACTIVE',
              taskDefinition: arnOf(service, one.revision),
            })),
          }),
      loadBalancers: group === undefined ? [] : [{ targetGroupArn: group, containerName: name, containerPort: 8080 }],
      events: [],
    }
  }
  const task = (service: SimulatedService, worker: Worker, gone?: { at: number; why: Gone }) => ({
    taskArn: arn('ecs', `task/${service.plan.ecs!.cluster}/${worker.id}`),
    clusterArn: arn('ecs', `cluster/${service.plan.ecs!.cluster}`),
    group: `service:${service.plan.ecs!.service}`,
    startedBy: worker.deployment,
    taskDefinitionArn: arnOf(service, worker.revision),
    lastStatus: gone ? 'STOPPED' : hasRun(worker) ? 'RUNNING' : 'PENDING',
    desiredStatus: gone || worker.state === 'stopping' ? 'STOPPED' : 'RUNNING',
    healthStatus: worker.state === 'ready' && isChecked(service, worker.revision) ? 'HEALTHY' : 'UNKNOWN',
    cpu: String(worker.revision.cpu),
    memory: String(worker.revision.memoryMiB),
    createdAt: date(worker.startedAt),
    ...(hasRun(worker) && { startedAt: date(worker.runsFrom) }),
    containers: [{ name: service.plan.ecs!.service, networkInterfaces: [{ privateIpv4Address: addressOf(worker) }] }],
    ...(gone && { stoppedAt: date(gone.at), ...ENDINGS[gone.why] }),
  })
  return { described, task }
}
