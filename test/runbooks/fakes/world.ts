// A small simulated world on a test's clock, with the drill's AWS: it catches up before each call, second by second.
import { checkWorld } from '../../../drill/world/plan/check.ts'
import type { WorldInput } from '../../../drill/world/plan/schema.ts'
import { apisOf } from '../../../drill/world/ports/cloud.ts'
import type { SimulatedService } from '../../../drill/world/service/service.ts'
import { simulate, type SimulatedWorld } from '../../../drill/world/world.ts'
import { fakeCloud, SINCE, type Actions, type Clock, type FakeCloud } from './cloud.ts'

/** The alarm that fired; it recovers below 1. */
export const ALARM = 'athena/latency-p99'
const SYMPTOM = { namespace: 'Athena', metric: 'Latency', dimensions: { Service: 'athena' } }

/** The world is older than what happens in the test; CloudWatch has a whole minute of it. */
const START = SINCE - 60_000
/** So few that there are always several pages. */
const PAGE = 2

export type ServiceInput = NonNullable<WorldInput['services']>[string]

export interface SmallInput extends Pick<WorldInput, 'instances' | 'databases' | 'parameters'> {
  athena?: ServiceInput
  /** What ECS has of it besides. */
  ecs?: Partial<SimulatedService['ecs']>
  clock?: Clock
  /** The alarm's metric. */
  symptom?: () => number
  /** Services that no drill has. */
  lambda?: Actions
}

export interface Small {
  world: SimulatedWorld
  athena: SimulatedService
  clock: Clock
  /** What the cloud answers with; a test may replace an action. */
  apis: ReturnType<typeof apisOf>
  cloud: FakeCloud
  catchUp(): void
  publish(name: string, dimensions: Record<string, string>, value: () => number | undefined): void
  /** How many are ready that began at this time (ms) or later. */
  fresh(since?: number): number
  ids(): string[]
}

export function small({
  athena = {},
  ecs,
  clock = { now: SINCE },
  symptom = () => 9,
  lambda,
  ...rest
}: SmallInput): Small {
  const world = simulate(planOf(athena, rest))
  const service = world.services.get('athena')!
  Object.assign(service.ecs, ecs)
  world.metrics.add(SYMPTOM, symptom)
  const apis = apisOf(world, PAGE)
  const catchUp = (): void => {
    while (START + (world.second + 1) * 1000 <= clock.now) world.tick()
  }
  return {
    world,
    athena: service,
    clock,
    apis,
    cloud: fakeCloud({ ...apis, ...(lambda && { lambda }) }, catchUp),
    catchUp,
    publish: (name, dimensions, value) => world.metrics.add({ namespace: 'Athena', metric: name, dimensions }, value),
    fresh: (since = SINCE) => service.fleet.ready().filter(({ startedAt }) => START + startedAt * 1000 >= since).length,
    ids: () => service.fleet.workers.map(({ id }) => id),
  }
}

const planOf = (athena: ServiceInput, rest: Omit<SmallInput, 'athena'>) =>
  checkWorld({
    title: 'A test',
    start: new Date(START).toISOString(),
    region: 'eu-west-1',
    services: { athena },
    ...rest,
    alarms: { [ALARM]: { ...SYMPTOM, measures: { service: 'athena', value: 'requests' }, stat: 'p99', threshold: 1 } },
    events: [{ at: 1, does: 'say', text: 'go' }],
    tocsin: {},
  })

/** Of a task definition. */
export const ROLES = {
  taskRoleArn: 'arn:aws:iam::111122223333:role/athena',
  executionRoleArn: 'arn:aws:iam::111122223333:role/start',
}

/** Four tasks by default, behind a load balancer. */
export const asTasks = (
  workers: ServiceInput['workers'] = {},
  environment: Record<string, string> = {},
): ServiceInput => ({
  workers: { count: 4, startSeconds: 40, ...workers },
  ecs: { cluster: 'ml', service: 'athena', environment },
  loadBalancer: { loadBalancer: 'app/ml/1', targetGroup: 'targetgroup/athena/1' },
})

export const asInstances = (workers: ServiceInput['workers'] = {}): ServiceInput => ({
  workers: { count: 4, startSeconds: 90, stopSeconds: 30, ...workers },
  autoScaling: { group: 'workers', maximum: 10 },
})

export const asUnit = (
  instances: string[],
  workers: ServiceInput['workers'] = {},
  unit = 'athena.service',
): ServiceInput => ({ workers, systemd: { unit, instances } })

/** Somebody else does it. */
export function deploySomething({ apis }: Small): void {
  const { taskDefinition } = apis.ecs['DescribeTaskDefinition']!({ taskDefinition: 'athena' }) as {
    taskDefinition: Record<string, unknown>
  }
  const registered = apis.ecs['RegisterTaskDefinition']!({ ...taskDefinition, cpu: '512' }) as typeof taskDefinition & {
    taskDefinition: { taskDefinitionArn: string }
  }
  const { taskDefinitionArn } = registered.taskDefinition
  apis.ecs['UpdateService']!({ cluster: 'ml', service: 'athena', taskDefinition: taskDefinitionArn })
}

export function killOne({ athena, world }: Small): void {
  athena.fleet.kill(athena.fleet.workers[0]!.id, world.second)
  world.tick()
}
