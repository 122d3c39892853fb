// What ECS says about a service and its tasks, in the terms that recipes use.
import type { Target } from '../../core/services/config.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Place, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'
import { plural } from '../../core/words/words.ts'

export type EcsTarget = NonNullable<Target['ecs']>

export interface Deployment {
  id: string
  status: string
  taskDefinition: string
  desiredCount: number
  runningCount: number
  failedTasks?: number
  rolloutState?: 'COMPLETED' | 'FAILED' | 'IN_PROGRESS'
  rolloutStateReason?: string
}

export interface EcsService {
  status: string
  desiredCount: number
  runningCount: number
  pendingCount: number
  taskDefinition: string
  schedulingStrategy?: 'REPLICA' | 'DAEMON'
  deployments: Deployment[]
  loadBalancers?: { targetGroupArn?: string }[]
}

export interface EcsTask {
  taskArn: string
  lastStatus: string
  desiredStatus: string
  healthStatus?: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
  createdAt: Date | string
  stopCode?: string
  stoppedReason?: string
  containers?: { networkInterfaces?: { privateIpv4Address?: string }[] }[]
}

export const called = ({ cluster, service }: EcsTarget, action: string, rest = ''): string =>
  `ecs ${action} cluster=${cluster} service=${service}${rest && ` ${rest}`}`

export async function serviceOf(tools: Tools, { cluster, service }: EcsTarget): Promise<EcsService> {
  const { services = [] } = await tools.cloud.call<{ services?: EcsService[] }>('ecs', 'DescribeServices', {
    cluster,
    services: [service],
  })
  const [found] = services
  if (!found || found.status !== 'ACTIVE')
    throw new Refused(`there is no ECS service ${service} in the cluster ${cluster}; check target.ecs in the config`)
  return found
}

/** What people approve to be acted on: another revision is another thing. */
export interface EcsScope extends Record<string, string> {
  service: string
  revision: string
}

export const scopeOf = ({ cluster, service }: EcsTarget, { taskDefinition }: EcsService): EcsScope => ({
  service: `${cluster}/${service}`,
  revision: taskDefinition.split('/').at(-1)!,
})

/** Why it must not be touched: a deployment is in progress, or tasks are missing. */
export function unsteady({ deployments, desiredCount, runningCount, pendingCount }: EcsService): string | undefined {
  if (deployments.length > 1 || deployments[0]?.rolloutState === 'IN_PROGRESS') return 'a deployment is in progress'
  if (desiredCount === 0) return 'it is scaled to no tasks'
  if (runningCount < desiredCount || pendingCount > 0)
    return `${runningCount} of ${plural(desiredCount, 'task')} running: ECS is replacing some already`
  return undefined
}

/** AWS: DescribeTasks takes at most this many. */
const TASKS_MOST = 100

/** ECS lists stopped tasks for about an hour. */
export async function tasksOf(
  tools: Tools,
  { cluster, service }: EcsTarget,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<EcsTask[]> {
  const tasks: EcsTask[] = []
  let nextToken: string | undefined
  do {
    const page = await tools.cloud.call<{ taskArns?: string[]; nextToken?: string }>('ecs', 'ListTasks', {
      cluster,
      serviceName: service,
      desiredStatus,
      maxResults: TASKS_MOST,
      ...(nextToken !== undefined && { nextToken }),
    })
    if (page.taskArns?.length) tasks.push(...(await describe(tools, cluster, page.taskArns)))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return tasks
}

async function describe(tools: Tools, cluster: string, tasks: string[]): Promise<EcsTask[]> {
  const { tasks: found = [] } = await tools.cloud.call<{ tasks?: EcsTask[] }>('ecs', 'DescribeTasks', {
    cluster,
    tasks,
  })
  return found
}

export const createdAt = (task: EcsTask): number => new Date(task.createdAt).getTime()
export const idOf = ({ taskArn }: EcsTask): string => taskArn.split('/').at(-1)!

/** It did not come up or crashed; a task that was stopped on purpose has not failed. */
export const hasFailed = ({ stopCode, stoppedReason }: EcsTask): boolean =>
  stopCode === 'EssentialContainerExited' ||
  stopCode === 'TaskFailedToStart' ||
  /health check/i.test(stoppedReason ?? '')

/** For each target group, the addresses that the load balancer considers healthy. */
export async function healthyTargets(tools: Tools, groups: string[]): Promise<Set<string>[]> {
  const found: Set<string>[] = []
  for (const TargetGroupArn of groups) {
    const { TargetHealthDescriptions = [] } = await tools.cloud.call<{
      TargetHealthDescriptions?: { Target: { Id: string; Port?: number }; TargetHealth: { State: string } }[]
    }>('elbv2', 'DescribeTargetHealth', { TargetGroupArn })
    const healthy = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy')
    found.push(new Set(healthy.map(({ Target }) => Target.Id)))
  }
  return found
}

export const groupsOf = ({ loadBalancers = [] }: EcsService): string[] =>
  loadBalancers.flatMap(({ targetGroupArn }) => (targetGroupArn === undefined ? [] : [targetGroupArn]))

const addressesOf = ({ containers = [] }: EcsTask): string[] =>
  containers.flatMap(({ networkInterfaces = [] }) =>
    networkInterfaces.flatMap(({ privateIpv4Address }) =>
      privateIpv4Address === undefined ? [] : [privateIpv4Address],
    ),
  )

/**
 * Runs, passes its own health check if it has one, and its load balancers send it requests. A task without an address of its own
 * (bridge network) shares its machine's: then the container's health check has to do.
 */
export function isUp(task: EcsTask, healthChecked: boolean, targets: Set<string>[]): boolean {
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return false
  if (task.healthStatus === 'UNHEALTHY' || (healthChecked && task.healthStatus !== 'HEALTHY')) return false
  const addresses = addressesOf(task)
  return addresses.length === 0 || targets.every((healthy) => addresses.some((address) => healthy.has(address)))
}

export function ecsPermissions({ cluster, service }: EcsTarget, place: Place, acts: string[]): Statement[] {
  const conditions = { ArnEquals: { 'ecs:cluster': arnOf(place, 'ecs', `cluster/${cluster}`) } }
  const tasks = acts.filter((act) => act === 'StopTask')
  const services = acts.filter((act) => act === 'UpdateService')
  return [
    {
      actions: ['DescribeServices', ...services].map((act) => `ecs:${act}`),
      resources: [arnOf(place, 'ecs', `service/${cluster}/${service}`)],
    },
    {
      actions: ['DescribeTasks', ...tasks].map((act) => `ecs:${act}`),
      resources: [arnOf(place, 'ecs', `task/${cluster}/*`)],
    },
    {
      actions: ['ecs:ListTasks'],
      resources: ['*'],
      conditions,
      why: 'ECS lists by container instance; the condition keeps it to the cluster',
    },
    {
      actions: ['elasticloadbalancing:DescribeTargetHealth'],
      resources: ['*'],
      why: 'Elastic Load Balancing has no permission for one target group here',
    },
  ]
}
