// ECS task definitions: reading them, comparing them, and the part that may be registered again.
import type { Tools } from '../../../ports/tools.ts'
import type { Precondition } from '../precondition.ts'
import type { EcsTarget } from './service.ts'

/** As DescribeTaskDefinition returns it: fields that are not named here are carried over untouched. */
export interface TaskDefinition {
  taskDefinitionArn: string
  family: string
  taskRoleArn?: string
  executionRoleArn?: string
  cpu?: string
  memory?: string
  requiresCompatibilities?: string[]
  containerDefinitions: Container[]
  [key: string]: unknown
}

export interface Container {
  name: string
  memory?: number
  environment?: { name: string; value: string }[]
  secrets?: { name: string; valueFrom: string }[]
  [key: string]: unknown
}

/** What DescribeTaskDefinition returns and RegisterTaskDefinition does not accept. */
const READ_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
]

export async function definitionOf(tools: Tools, taskDefinition: string): Promise<TaskDefinition> {
  const { taskDefinition: found, tags = [] } = await tools.cloud.call<{
    taskDefinition: TaskDefinition
    tags?: object[]
  }>('ecs', 'DescribeTaskDefinition', { taskDefinition, include: ['TAGS'] })
  return { ...found, ...(tags.length > 0 && { tags }) }
}

/** Registering a revision passes its roles to ECS. */
export const OWN_ROLES: Precondition<[TaskDefinition, EcsTarget]> = {
  field: 'taskRoleArn, executionRoleArn of DescribeTaskDefinition',
  must: 'in `target.ecs.roles`, or missing',
  stops({ taskRoleArn, executionRoleArn }, { roles = [] }) {
    const missing = [taskRoleArn, executionRoleArn].flatMap((role) =>
      role === undefined || roles.includes(role) ? [] : [role],
    )
    return missing.length === 0
      ? undefined
      : `add ${[...new Set(missing)].join(' and ')} to target.ecs.roles in the config, so that Tocsin may pass it to the tasks`
  },
}

export const nameOf = (arn: string): string => arn.split('/').at(-1)!
export const bare = (definition: TaskDefinition): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(definition).filter(([key, value]) => !READ_ONLY.includes(key) && value !== undefined),
  )

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
