// What EC2 Auto Scaling says about a group, in the terms that recipes use.
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Place, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import type { Precondition } from './precondition.ts'

export interface Group {
  DesiredCapacity: number
  MinSize: number
  MaxSize: number
  Instances: {
    InstanceId: string
    LifecycleState: string
    HealthStatus: string
    ProtectedFromScaleIn?: boolean
    WeightedCapacity?: string
  }[]
  /** What `DesiredCapacity` counts; instances, or their weights, where it is missing. */
  DesiredCapacityType?: 'units' | 'vcpu' | 'memory-mib'
  SuspendedProcesses?: { ProcessName?: string }[]
  LaunchTemplate?: LaunchTemplate
  MixedInstancesPolicy?: { LaunchTemplate?: { LaunchTemplateSpecification?: LaunchTemplate } }
  LaunchConfigurationName?: string
}

interface LaunchTemplate {
  LaunchTemplateName?: string
  LaunchTemplateId?: string
  Version?: string
}

/** What new instances are launched from, for people. `$Latest` and `$Default` stay as they are: what they mean may change unseen. */
export function templateOf({ LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName }: Group): string {
  const template = LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
  if (!template) return LaunchConfigurationName ?? 'no launch template'
  const { LaunchTemplateName, LaunchTemplateId, Version = '$Default' } = template
  return `${LaunchTemplateName ?? LaunchTemplateId ?? 'its launch template'}, version ${Version}`
}

export interface Refresh {
  InstanceRefreshId: string
  Status: string
  StatusReason?: string
  StartTime?: Date | string
  PercentageComplete?: number
  Preferences?: Record<string, unknown>
  DesiredConfiguration?: unknown
  InstancesToUpdate?: number
}

export async function groupOf(tools: Tools, name: string): Promise<Group> {
  const { AutoScalingGroups = [] } = await tools.cloud.call<{ AutoScalingGroups?: Group[] }>(
    'autoscaling',
    'DescribeAutoScalingGroups',
    { AutoScalingGroupNames: [name] },
  )
  const [group] = AutoScalingGroups
  if (!group) throw new Refused(`there is no Auto Scaling group ${name}; check target.autoScaling in the config`)
  return group
}

export const seenOf = async (tools: Tools, name: string): Promise<Seen> => ({
  group: await groupOf(tools, name),
  refreshes: await refreshesOf(tools, name),
})

/** What they count in the desired capacity. */
export const capacityOf = (instances: Group['Instances']): number =>
  instances.reduce((sum, { WeightedCapacity = '1' }) => sum + Number(WeightedCapacity), 0)

export const inService = ({ Instances }: Group): Group['Instances'] =>
  Instances.filter(({ LifecycleState, HealthStatus }) => LifecycleState === 'InService' && HealthStatus === 'Healthy')

/** What the rules below are given. */
export interface Seen {
  group: Group
  /** Newest first. */
  refreshes: Refresh[]
}

type Rule = Precondition<[Seen]>

const SIZED: Rule = {
  field: 'DesiredCapacity',
  must: 'at least 1',
  stops: ({ group }) => (group.DesiredCapacity === 0 ? 'it is scaled to no instances' : undefined),
}

const COUNTED: Rule = {
  field: 'DesiredCapacityType',
  must: '`units`, or missing',
  stops: ({ group: { DesiredCapacityType: type = 'units' } }) =>
    type === 'units' ? undefined : `its capacity is counted in ${type}, not in instances: do it by hand`,
}

const NOT_REFRESHING: Rule = {
  field: 'Status of DescribeInstanceRefreshes',
  must: 'each is over',
  stops: ({ refreshes }) => (refreshes.every(isOver) ? undefined : 'an instance refresh is in progress'),
}

/** Suspended, it never happens, and whoever waits for it waits in vain. */
const runs = (...processes: string[]): Rule => ({
  field: 'SuspendedProcesses[]',
  must: `not ${processes.map((name) => `\`${name}\``).join(', ')}`,
  stops({ group: { SuspendedProcesses = [] } }) {
    const found = SuspendedProcesses.find(({ ProcessName = '' }) => processes.includes(ProcessName))
    return found && `its process ${found.ProcessName} is suspended: resume it first`
  },
})

/** Of a group whose instances are replaced. */
export const REPLACED: readonly Rule[] = [
  NOT_REFRESHING,
  COUNTED,
  SIZED,
  {
    field: 'Instances[].LifecycleState, HealthStatus',
    must: 'as many `InService` and `Healthy` as are desired',
    stops({ group }) {
      const up = capacityOf(inService(group))
      return up < group.DesiredCapacity
        ? `${up} of ${plural(group.DesiredCapacity, 'instance')} are in service: Auto Scaling is replacing some already`
        : undefined
    },
  },
  runs('Launch', 'Terminate', 'AddToLoadBalancer'),
]

/** Of a group that is refreshed. Auto Scaling waits an hour for instances that it may not replace, and then gives up. */
export const REFRESHED: readonly Rule[] = [
  ...REPLACED,
  {
    field: 'Instances[].ProtectedFromScaleIn',
    must: '`false` for each',
    stops: ({ group: { Instances } }) =>
      waits(
        Instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn),
        'protected from scale-in',
      ),
  },
  {
    field: 'Instances[].LifecycleState',
    must: 'none is `Standby`',
    stops: ({ group: { Instances } }) =>
      waits(
        Instances.filter(({ LifecycleState }) => LifecycleState === 'Standby'),
        'on standby',
      ),
  },
]

const waits = (instances: Group['Instances'], state: string): string | undefined =>
  instances.length === 0
    ? undefined
    : `${enumerate(instances.map(({ InstanceId }) => InstanceId))} ${instances.length === 1 ? 'is' : 'are'} ${state}, and an instance refresh would wait an hour for that to change: change it first`

/** Of a group that gets more instances. */
export const GROWING: readonly Rule[] = [NOT_REFRESHING, COUNTED, SIZED, runs('Launch', 'AddToLoadBalancer')]

/** Newest first. */
export async function refreshesOf(tools: Tools, name: string): Promise<Refresh[]> {
  const { InstanceRefreshes = [] } = await tools.cloud.call<{ InstanceRefreshes?: Refresh[] }>(
    'autoscaling',
    'DescribeInstanceRefreshes',
    { AutoScalingGroupName: name },
  )
  return InstanceRefreshes
}

const OVER = ['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed']
export const isOver = ({ Status }: Refresh): boolean => OVER.includes(Status)

export function groupPermissions(name: string, place: Place, reads: string[], acts: string[]): Statement[] {
  const act = acts.map((one) => `autoscaling:${one}`)
  return [
    {
      actions: ['DescribeAutoScalingGroups', ...reads].map((one) => `autoscaling:${one}`),
      resources: ['*'],
      why: 'Auto Scaling has no permission to describe one group',
    },
    {
      actions: act,
      resources: [arnOf(place, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}`)],
    },
  ]
}
