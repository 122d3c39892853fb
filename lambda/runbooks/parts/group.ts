// What EC2 Auto Scaling says about a group, in the terms that recipes use.
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Place, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'
import { plural } from '../../core/words/words.ts'

export interface Group {
  DesiredCapacity: number
  MinSize: number
  MaxSize: number
  Instances: { InstanceId: string; LifecycleState: string; HealthStatus: string }[]
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

export const inService = ({ Instances }: Group): Group['Instances'] =>
  Instances.filter(({ LifecycleState, HealthStatus }) => LifecycleState === 'InService' && HealthStatus === 'Healthy')

export const unsteady = (group: Group): string | undefined => {
  if (group.DesiredCapacity === 0) return 'it is scaled to no instances'
  const up = inService(group).length
  return up < group.DesiredCapacity
    ? `${up} of ${plural(group.DesiredCapacity, 'instance')} are in service: Auto Scaling is replacing some already`
    : undefined
}

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
