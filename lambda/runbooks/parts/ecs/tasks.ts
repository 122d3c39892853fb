// What ECS says about the tasks of a service, and which of them are up.
import type { Tools } from '../../../ports/tools.ts'
import type { EcsService, EcsTarget } from './service.ts'

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

/** For each of its load balancers, the addresses that it considers healthy. */
export async function healthyTargets(tools: Tools, { loadBalancers = [] }: EcsService): Promise<Set<string>[]> {
  const found: Set<string>[] = []
  for (const { targetGroupArn, advancedConfiguration } of loadBalancers) {
    const groups = [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined)
    const healthy = new Set<string>()
    for (const TargetGroupArn of groups) {
      const { TargetHealthDescriptions = [] } = await tools.cloud.call<{
        TargetHealthDescriptions?: { Target: { Id: string; Port?: number }; TargetHealth: { State: string } }[]
      }>('elbv2', 'DescribeTargetHealth', { TargetGroupArn })
      for (const { Target, TargetHealth } of TargetHealthDescriptions)
        if (TargetHealth.State === 'healthy') healthy.add(Target.Id)
    }
    if (groups.length > 0) found.push(healthy)
  }
  return found
}

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
