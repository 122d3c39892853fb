// What a service of ECS must be before a runbook touches it. Fields of DescribeServices.
import { plural } from '../../../core/words/words.ts'
import type { Precondition } from '../precondition.ts'
import type { EcsService, EcsTarget } from './service.ts'

/** ECS keeps a service for a while after it was deleted: then it is INACTIVE, or DRAINING. */
export const IS_THERE: Precondition<[{ status: string } | undefined, EcsTarget]> = {
  field: 'status',
  must: '`ACTIVE`: the service is there',
  stops: (found, { cluster, service }) =>
    found?.status === 'ACTIVE'
      ? undefined
      : `there is no ECS service ${service} in the cluster ${cluster}; check target.ecs in the config`,
}

type Rule = Precondition<[EcsService, EcsTarget]>

const NOT_MOVING: Rule[] = [
  {
    field: 'deployments[]',
    must: 'one alone: no other deployment is being replaced',
    stops: ({ deployments }) => (deployments.length > 1 ? 'a deployment is in progress' : undefined),
  },
  {
    field: 'deployments[].rolloutState',
    must: 'not `IN_PROGRESS`',
    stops: ({ deployments: [newest] }) =>
      newest?.rolloutState === 'IN_PROGRESS' ? 'a deployment is in progress' : undefined,
  },
]

const HAS_TASKS: Rule = {
  field: 'desiredCount',
  must: 'at least 1',
  stops: ({ desiredCount }) => (desiredCount === 0 ? 'it is scaled to no tasks' : undefined),
}

/** Of a service whose tasks are replaced. */
export const REPLACED: readonly Rule[] = [
  IS_THERE,
  {
    field: 'deploymentController.type',
    must: '`ECS`, or missing',
    stops({ deploymentController: { type = 'ECS' } = {} }) {
      if (type === 'ECS') return undefined
      const who = type === 'CODE_DEPLOY' ? 'CodeDeploy' : 'a controller outside of ECS'
      return `${who} deploys it (${type}): ECS does not say what runs there; restart it with ${who}`
    },
  },
  ...NOT_MOVING,
  HAS_TASKS,
  {
    field: 'runningCount, pendingCount',
    must: 'all desired tasks run, and none is starting',
    stops: ({ desiredCount, runningCount, pendingCount }) =>
      runningCount < desiredCount || pendingCount > 0
        ? `${runningCount} of ${plural(desiredCount, 'task')} running: ECS is replacing some already`
        : undefined,
  },
]

export const ROLLS: readonly Rule[] = [
  {
    field: 'deploymentConfiguration.strategy',
    must: '`ROLLING`, or missing',
    stops: ({ deploymentConfiguration: { strategy = 'ROLLING' } = {} }) =>
      strategy === 'ROLLING'
        ? undefined
        : `ECS deploys it as ${strategy}, with hooks and a bake time of its own: deploy the change the way you always do`,
  },
  {
    field: 'deploymentConfiguration.minimumHealthyPercent',
    must: 'above 0, or missing',
    stops: ({ deploymentConfiguration: { minimumHealthyPercent = 100 } = {} }) =>
      minimumHealthyPercent > 0 ? undefined : 'ECS would stop all its tasks at once (minimumHealthyPercent is 0)',
  },
]

/** Of a service that gets a new revision. */
export const DEPLOYED: readonly Rule[] = [...REPLACED, ...ROLLS]

/** Of a service that gets more tasks. */
export const GROWING: readonly Rule[] = [
  IS_THERE,
  ...NOT_MOVING,
  {
    field: 'taskSets[]',
    must: 'at most one: no blue/green deployment is under way',
    stops: ({ taskSets = [] }) =>
      taskSets.length > 1 ? `a deployment is in progress: it has ${taskSets.length} task sets` : undefined,
  },
  {
    field: 'schedulingStrategy',
    must: '`REPLICA`, or missing',
    stops: ({ schedulingStrategy }) =>
      schedulingStrategy === 'DAEMON' ? 'a daemon has one task on each machine: add machines' : undefined,
  },
  HAS_TASKS,
]
