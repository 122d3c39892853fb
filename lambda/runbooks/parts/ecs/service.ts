// What ECS says about a service, in the terms that recipes use.
import type { Target } from '../../../core/services/config.ts'
import { Refused, type Tools } from '../../../ports/tools.ts'
import type { Place, Statement } from '../../runbook.ts'
import { IS_THERE } from './rules.ts'
import { arnOf } from '../arn.ts'

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
  /** A service of the EXTERNAL controller has none. */
  taskDefinition: string
  schedulingStrategy?: 'REPLICA' | 'DAEMON'
  /** ECS leaves it out where it is its own. */
  deploymentController?: { type?: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL' }
  deploymentConfiguration?: {
    minimumHealthyPercent?: number
    strategy?: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY'
  }
  /** Of the controller ECS only, newest first; the others have task sets. */
  deployments: Deployment[]
  taskSets?: { status: string; taskDefinition?: string }[]
  /** Deployed blue/green, it is behind one of the two groups, and nobody says which. */
  loadBalancers?: { targetGroupArn?: string; advancedConfiguration?: { alternateTargetGroupArn?: string } }[]
}

/** As DescribeServices returns it. */
type Described = Omit<EcsService, 'deployments' | 'taskDefinition'> & Partial<EcsService>

export const called = ({ cluster, service }: EcsTarget, action: string, rest = ''): string =>
  `ecs ${action} cluster=${cluster} service=${service}${rest && ` ${rest}`}`

export async function serviceOf(tools: Tools, target: EcsTarget): Promise<EcsService> {
  const { cluster, service } = target
  const { services = [] } = await tools.cloud.call<{ services?: Described[] }>('ecs', 'DescribeServices', {
    cluster,
    services: [service],
  })
  const [found] = services
  const why = IS_THERE.stops(found, target)
  if (why !== undefined) throw new Refused(why)
  const { deployments = [], taskSets = [], ...rest } = found!
  const primary = taskSets.find(({ status }) => status === 'PRIMARY')
  return { ...rest, deployments, taskSets, taskDefinition: rest.taskDefinition ?? primary?.taskDefinition ?? '' }
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
