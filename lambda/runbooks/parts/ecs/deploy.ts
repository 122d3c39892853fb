// Deploys one change of an ECS task definition and watches it to its end; the rollback deploys the previous revision.
import type { Target } from '../../../core/services/config.ts'
import { Refused, type Tools } from '../../../ports/tools.ts'
import type { Place, Statement, Step, Turn } from '../../runbook.ts'
import { bare, definitionOf, nameOf, same, type TaskDefinition } from './definition.ts'
import { whyNot } from '../precondition.ts'
import { DEPLOYED } from './rules.ts'
import { called, serviceOf, type Deployment, type EcsTarget } from './service.ts'
import { stopIfWorse, type Watching } from '../latency.ts'
import { plural } from '../../../core/words/words.ts'

export interface Change {
  name: string
  /** In numbers: `DB_TIMEOUT 60 → 5 s`. */
  touches: string
  undoName: string
  target: Target
  options: Watching
  /** The previous revision. */
  before: string
  /** The previous deployment: a newer one is somebody else's. */
  deployment: string
  latency: number | null
  /** Returns the changed definition. Pure: the same every time. */
  apply(definition: TaskDefinition): TaskDefinition
}

const DEPLOY_SECONDS = 1800
const AGAIN_SECONDS = 10

export function deployStep(change: Change): Step {
  const { target, before, touches } = change
  const ecs = target.ecs!
  return {
    name: change.name,
    calls: [
      `ecs RegisterTaskDefinition family=${familyOf(before)}: ${touches}`,
      called(ecs, 'UpdateService', 'taskDefinition=the new revision'),
    ],
    touches,
    withinSeconds: DEPLOY_SECONDS,
    async ready(tools) {
      const service = await serviceOf(tools, ecs)
      return service.taskDefinition === before || (await isOurs(tools, change, service.taskDefinition))
        ? undefined
        : 'somebody has deployed since'
    },
    async turn(tools) {
      const service = await serviceOf(tools, ecs)
      if (service.taskDefinition === before) {
        stopIfTakenBack(service.deployments, change)
        const taskDefinition = await revision(tools, change)
        await tools.cloud.call('ecs', 'UpdateService', { cluster: ecs.cluster, service: ecs.service, taskDefinition })
        return { going: `${nameOf(taskDefinition)} is being deployed`, againInSeconds: AGAIN_SECONDS }
      }
      if (!(await isOurs(tools, change, service.taskDefinition)))
        throw new Refused('somebody else has deployed meanwhile')
      await stopIfWorse(tools, target, change.options, change.latency)
      return deployed(service.deployments, service.taskDefinition)
    },
    undo: {
      name: change.undoName,
      calls: [called(ecs, 'UpdateService', `taskDefinition=${nameOf(before)}`)],
      touches: `back to ${nameOf(before)}`,
      withinSeconds: DEPLOY_SECONDS,
      turn: (tools) => takeBack(tools, change),
    },
  }
}

const familyOf = (arn: string): string => nameOf(arn).split(':')[0]!

/** The revision that an earlier turn or run has registered, or a new one. */
async function revision(tools: Tools, change: Change): Promise<string> {
  const latest = await definitionOf(tools, familyOf(change.before))
  const before = await definitionOf(tools, change.before)
  const wanted = bare(change.apply(before))
  if (same(bare(latest), wanted)) return latest.taskDefinitionArn
  const { taskDefinition } = await tools.cloud.call<{ taskDefinition: TaskDefinition }>(
    'ecs',
    'RegisterTaskDefinition',
    wanted,
  )
  return taskDefinition.taskDefinitionArn
}

async function isOurs(tools: Tools, change: Change, arn: string): Promise<boolean> {
  const wanted = bare(change.apply(await definitionOf(tools, change.before)))
  return same(bare(await definitionOf(tools, arn)), wanted)
}

/** Where the circuit breaker of ECS or an alarm of its own rolls back, a new deployment of the previous revision is there. */
function stopIfTakenBack([newest]: Deployment[], { before, deployment }: Change): void {
  if (newest && newest.id !== deployment)
    throw new Refused(
      `ECS is back at ${nameOf(before)}: ${newest.rolloutStateReason ?? 'somebody has deployed it, or ECS has rolled back'}`,
    )
}

/** The first task that fails ends it. */
function deployed(deployments: Deployment[], taskDefinition: string): Turn {
  const own = deployments.find(({ status }) => status === 'PRIMARY')
  const failed = own?.failedTasks ?? 0
  if (own?.rolloutState === 'FAILED' || failed > 0)
    throw new Refused(
      `${nameOf(taskDefinition)} does not come up: ${failed > 0 ? `${plural(failed, 'task')} failed` : (own?.rolloutStateReason ?? 'ECS gave up on it')}`,
    )
  if (own && deployments.length === 1 && own.runningCount >= own.desiredCount && own.rolloutState !== 'IN_PROGRESS')
    return { done: `${nameOf(taskDefinition)} runs in ${plural(own.runningCount, 'task')}` }
  return {
    going: `${own?.runningCount ?? 0} of ${own?.desiredCount ?? 0} new tasks run`,
    againInSeconds: AGAIN_SECONDS,
  }
}

async function takeBack(tools: Tools, change: Change): Promise<Turn> {
  const ecs = change.target.ecs!
  const service = await serviceOf(tools, ecs)
  if (service.taskDefinition === change.before)
    return whyNot(DEPLOYED, service, ecs) === undefined || service.deployments[0]?.id === change.deployment
      ? { done: `${nameOf(change.before)} runs` }
      : deployed(service.deployments, change.before)
  if (!(await isOurs(tools, change, service.taskDefinition)))
    return { done: `${nameOf(service.taskDefinition)} stays: somebody else has deployed it` }
  await tools.cloud.call('ecs', 'UpdateService', {
    cluster: ecs.cluster,
    service: ecs.service,
    taskDefinition: change.before,
  })
  return { going: `${nameOf(change.before)} is being deployed`, againInSeconds: AGAIN_SECONDS }
}

export function deployPermissions({ cluster, service, roles = [] }: EcsTarget, place: Place): Statement[] {
  const service_ = `arn:${place.partition}:ecs:${place.region}:${place.account}:service/${cluster}/${service}`
  return [
    { actions: ['ecs:DescribeServices', 'ecs:UpdateService'], resources: [service_] },
    {
      actions: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition'],
      resources: ['*'],
      why: 'ECS has no permission for a single task definition here',
    },
    {
      actions: ['ecs:TagResource'],
      resources: [`arn:${place.partition}:ecs:${place.region}:${place.account}:task-definition/*`],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    },
    ...(roles.length === 0
      ? []
      : [
          {
            actions: ['iam:PassRole'],
            resources: roles,
            conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
          },
        ]),
  ]
}
