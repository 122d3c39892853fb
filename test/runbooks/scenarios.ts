// One world for each kind of thing that a runbook acts on: what is broken there, what fixes it, and what must hold afterwards.
import type { SimulatedService } from '../../drill/world/service/service.ts'
import type { Revision } from '../../drill/world/service/worker.ts'
import type { Target } from '../../lambda/core/services/config.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import { SINCE } from './fakes/cloud.ts'
import { ALARM, asTasks, ROLES, type Small } from './fakes/world.ts'
import { automationWorld, functionWorld } from './worlds/elsewhere.ts'
import { databaseWorld, diskWorld, unitWorld } from './worlds/machines.ts'
import { instancesWorld, parameterWorld, tasksWorld, TIMEOUT } from './worlds/services.ts'
import type { World } from './worlds/world.ts'

export interface Scenario {
  name: string
  runbook: Runbook
  target: Target
  options: Record<string, unknown>
  callers?: Record<string, number>
  dimensions?: Record<string, string>
  /** `helps`: the fix makes the symptom go away. */
  world(helps: boolean): World
  /** Another state of the same thing, in which it does something else. */
  also?(helps: boolean): World
  after: unknown
  /** When it did not help and was undone; by default as `after`: there is no way back. */
  undone?: unknown
  steps: string[]
  /** Why it ends when somebody else was faster. */
  spoiled: string
  /** Why it ends when new things fail. */
  broken?: string
}

export function aboutOf({
  runbook,
  target,
  options,
  callers,
  dimensions = {},
}: Scenario): Case<Record<string, unknown>> {
  return {
    run: 'INC-0001-1',
    service: 'athena',
    target,
    options: runbook.options.parse(options),
    since: SINCE,
    signals: [runbook.signals?.[0] ?? 'latency'],
    alarm: { name: ALARM, dimensions },
    ...(callers && { callers }),
  }
}

const ECS: Target = { ecs: { cluster: 'ml', service: 'athena', roles: [] } }
const ALB: Target['alb'] = { loadBalancer: 'app/ml/1' }
const GROUP: Target = { autoScaling: { group: 'workers' } }
const MACHINES: Target = {
  ec2: { instances: ['i-1', 'i-2', 'mi-3'], unit: 'athena.service', clean: [], paths: ['/'] },
}

/** Longer than the comment by which a command is found again. */
const LONG_UNIT = `${'athena-with-a-name-that-goes-on-and-on-'.repeat(3).slice(0, 90)}.service`
const LONG: Target = { ...MACHINES, ec2: { ...MACHINES.ec2!, unit: LONG_UNIT } }

/** Percent of the memory of each task. */
const withMemory = (percents: number[]) => ({
  athena: asTasks({ memoryMiB: 2048, memoryBaseMiB: 0 }),
  prepare: ({ athena }: Small) =>
    athena.fleet.workers.forEach((worker, place) => (worker.leakedMiB = 20.48 * percents[place]!)),
})
const revisionOf = ({ fleet }: SimulatedService): Revision => fleet.deployments[0]!.revision
const timeoutIn = (service: SimulatedService): string | undefined => revisionOf(service).environment['DB_TIMEOUT']
const TAGS = [{ key: 'team', value: 'ml' }]
/** Of the newest revision. */
const tagsOf = ({ apis }: Small): unknown => {
  const told = apis.ecs['DescribeTaskDefinition']!({ taskDefinition: 'athena', include: ['TAGS'] })
  return (told as { tags: unknown }).tags
}
const allFresh = ({ fresh }: Small): boolean => fresh() >= 4

const find = (name: string): Runbook => BUILT_IN.get(name)!

export const SCENARIOS: Scenario[] = [
  {
    name: 'rolling-restart of an ECS service',
    runbook: find('rolling-restart'),
    target: { ...ECS, alb: ALB },
    options: {},
    world: tasksWorld({ athena: asTasks(), mended: allFresh }),
    after: { desired: 4, fresh: 4 },
    steps: ['Start 1 more task first', 'Restart 4 tasks, 1 at a time', 'Back to 4 tasks'],
    spoiled: 'a deployment is in progress',
    broken: 'failed (Essential container in task exited)',
  },
  {
    name: 'rolling-restart of an ECS daemon without spare tasks',
    runbook: find('rolling-restart'),
    target: ECS,
    options: { spare: false, batchPercent: 50 },
    world: tasksWorld({
      athena: asTasks(),
      ecs: { daemon: true, healthCheck: false },
      mended: allFresh,
    }),
    after: { desired: 4, fresh: 4 },
    steps: ['Restart 4 tasks, 2 at a time'],
    spoiled: 'somebody has deployed since',
    broken: 'nothing more is stopped',
  },
  {
    name: 'rolling-restart of an Auto Scaling group',
    runbook: find('rolling-restart'),
    target: GROUP,
    options: { latency: { namespace: 'Athena', name: 'Latency', dimensions: { Service: 'athena' } } },
    world: instancesWorld({ mended: allFresh }),
    after: { desired: 4, fresh: 4 },
    steps: ['Replace 4 instances, 1 at a time'],
    spoiled: '3 of 4 instances are in service',
    broken: 'the AMI is not there',
  },
  {
    name: 'rolling-restart of a systemd unit',
    runbook: find('rolling-restart'),
    target: MACHINES,
    options: { batchPercent: 34 },
    world: unitWorld(MACHINES, 3),
    after: ['i-1', 'i-2', 'mi-3'],
    steps: ['Restart athena.service on 3 machines, 1 at a time'],
    spoiled: 'Failed (Job for athena.service failed because its control process exited with error code.)',
    broken: 'restart athena.service 1 of 3 on i-1: Failed',
  },
  {
    name: 'rolling-restart of a unit with a long name',
    runbook: find('rolling-restart'),
    target: LONG,
    options: { batchPercent: 34 },
    world: unitWorld(LONG, 3),
    after: ['i-1', 'i-2', 'mi-3'],
    steps: [`Restart ${LONG_UNIT} on 3 machines, 1 at a time`],
    spoiled: 'Failed (Job for',
    broken: `restart ${LONG_UNIT} 1 of 3 on i-1: Failed`,
  },
  {
    name: 'cut-connection-timeout in a parameter',
    runbook: find('cut-connection-timeout'),
    target: { ...ECS, timeout: { parameter: TIMEOUT, unit: 'seconds' } },
    options: {},
    callers: { 'studio-api': 30, 'web-experience': 10 },
    world: parameterWorld,
    after: { value: '5', fresh: 4, desired: 4 },
    undone: { value: '60', fresh: 4, desired: 4 },
    steps: [
      'Set /athena/db/timeout to 5 s',
      'Start 1 more task first',
      'Restart 4 tasks, 1 at a time',
      'Back to 4 tasks',
    ],
    spoiled: 'somebody has set /athena/db/timeout to 7 meanwhile',
    broken: 'failed (Essential container in task exited)',
  },
  {
    name: 'cut-connection-timeout in a variable',
    runbook: find('cut-connection-timeout'),
    target: {
      ecs: { cluster: 'ml', service: 'athena', roles: Object.values(ROLES) },
      timeout: { environment: 'DB_TIMEOUT', unit: 'milliseconds' },
    },
    options: { calls: { namespace: 'Athena', name: 'CallTime', unit: 'milliseconds' } },
    world: (helps) => {
      const made = tasksWorld({
        athena: asTasks({}, { DB_TIMEOUT: '60000', MODE: 'live' }),
        ecs: { definition: { ...ROLES, tags: TAGS } },
        mended: ({ athena, fresh }) => timeoutIn(athena) === '5000' && fresh() >= 4,
      })(helps)
      // The day before, calls were quick.
      made.publish('CallTime', {}, () => (made.world.second > 1 ? 60_000 : 400))
      return {
        ...made,
        state: () => ({
          value: timeoutIn(made.athena),
          running: made.athena.fleet.ready().length,
          revision: `athena:${revisionOf(made.athena).number}`,
          tags: tagsOf(made),
        }),
      }
    },
    after: { value: '5000', running: 4, revision: 'athena:2', tags: TAGS },
    undone: { value: '60000', running: 4, revision: 'athena:1', tags: TAGS },
    steps: ['Deploy DB_TIMEOUT = 5000'],
    spoiled: 'somebody has deployed since',
    broken: 'athena:2 does not come up: 4 tasks failed',
  },
  {
    name: 'free-disk by cleaning',
    runbook: find('free-disk'),
    target: { ec2: { instances: ['i-1'], clean: ['/var/log/athena/*.gz'], paths: ['/'] } },
    options: {},
    world: diskWorld(40),
    after: { removed: 40, size: 100, gib: 100 },
    steps: ['Clean /var/log/athena/*.gz'],
    spoiled: 'the machine is read-only',
  },
  {
    name: 'free-disk by cleaning and growing',
    runbook: find('free-disk'),
    target: {
      ec2: { instances: ['i-1'], clean: ['/var/log/athena/*.gz'], paths: ['/'] },
      ebs: { volumes: ['vol-0abc'] },
    },
    options: {
      maxGiB: 150,
      healthyWhen: { namespace: 'Athena', name: 'Latency', dimensions: { Service: 'athena' }, below: 1 },
    },
    world: diskWorld(3),
    after: { removed: 3, size: 125, gib: 125 },
    steps: ['Clean /var/log/athena/*.gz', 'Grow vol-0abc to 125 GiB', 'Grow the file system at /'],
    spoiled: 'the machine is read-only',
  },
  {
    name: 'free-disk of a database',
    runbook: find('free-disk'),
    target: { rds: { instance: 'core-db' } },
    options: { maxGiB: 500 },
    world: databaseWorld,
    after: 125,
    steps: ['Grow the storage of core-db to 125 GiB'],
    spoiled: 'core-db has 200 GiB',
  },
  {
    name: 'relieve-memory by recycling the largest task',
    runbook: find('relieve-memory'),
    target: ECS,
    options: {},
    world: tasksWorld({
      ...withMemory([40, 40, 96, 40]),
      mended: ({ athena }) => athena.fleet.gone.some(({ worker }) => worker.number === 2),
    }),
    after: { desired: 4, fresh: 1 },
    steps: ['Start 1 more task first', 'Restart 1 task', 'Back to 4 tasks'],
    spoiled: 'a deployment is in progress',
    broken: 'failed (Essential container in task exited)',
  },
  {
    name: 'relieve-memory by raising the limit',
    runbook: find('relieve-memory'),
    target: ECS,
    options: { maxMiB: 8192, spare: false },
    world: (helps) => {
      const made = tasksWorld({
        ...withMemory([93, 93, 93, 93]),
        mended: ({ athena, fresh }) => revisionOf(athena).memoryMiB === 3072 && fresh() >= 4,
      })(helps)
      return {
        ...made,
        state: () => ({
          memory: String(revisionOf(made.athena).memoryMiB),
          running: made.athena.fleet.ready().length,
        }),
      }
    },
    also: tasksWorld({ ...withMemory([40, 40, 96, 40]), mended: () => true }),
    after: { memory: '3072', running: 4 },
    undone: { memory: '2048', running: 4 },
    steps: ['Raise the memory limit to 3072 MiB'],
    spoiled: 'somebody has deployed since',
    broken: 'athena:2 does not come up: 4 tasks failed',
  },
  {
    name: 'relieve-memory by replacing an instance',
    runbook: find('relieve-memory'),
    target: GROUP,
    options: {},
    world: (helps) => {
      const isGone = ({ athena }: Small, place: number): boolean =>
        athena.fleet.gone.some(({ worker }) => worker.number === place)
      const made = instancesWorld({
        prepare: ({ athena }) => void (athena.fleet.workers[1]!.leakedMiB = 470),
        mended: (one) => isGone(one, 1),
      })(helps)
      return { ...made, state: () => ({ gone: isGone(made, 1), first: !isGone(made, 0), fresh: made.fresh() }) }
    },
    after: { gone: true, first: true, fresh: 1 },
    steps: ['Replace i-0cf159f280e209d08'],
    spoiled: '3 of 4 instances are in service',
  },
  {
    name: 'relieve-memory of a systemd unit',
    runbook: find('relieve-memory'),
    target: MACHINES,
    options: {},
    world: unitWorld(MACHINES, 1),
    after: ['mi-3'],
    steps: ['Restart athena.service on 1 machine, 1 at a time'],
    spoiled: 'Failed (Job for athena.service failed because its control process exited with error code.)',
    broken: 'restart athena.service 1 of 1 on mi-3: Failed',
  },
  {
    name: 'add-capacity to an ECS service',
    runbook: find('add-capacity'),
    target: ECS,
    options: { max: 5 },
    world: (helps) => {
      const made = tasksWorld({ athena: asTasks(), mended: ({ athena }) => athena.fleet.ready().length >= 5 })(helps)
      return { ...made, spoil: () => void (made.athena.fleet.desired = 9) }
    },
    after: { desired: 5, fresh: 1 },
    undone: { desired: 4, fresh: 0 },
    steps: ['Run 5 tasks'],
    spoiled: 'somebody has set 9 tasks since',
    broken: 'failed (Essential container in task exited)',
  },
  {
    name: 'add-capacity to an Auto Scaling group',
    runbook: find('add-capacity'),
    target: GROUP,
    options: { max: 20 },
    world: (helps) => {
      const made = instancesWorld({ mended: ({ fresh }) => fresh() >= 2 })(helps)
      const { fleet } = made.athena
      return { ...made, state: () => fleet.desired, spoil: () => void (fleet.desired = 9) }
    },
    after: 6,
    undone: 4,
    steps: ['Run 6 instances'],
    spoiled: 'somebody has set 9 instances since',
  },
  {
    name: 'ssm-automation',
    runbook: find('ssm-automation'),
    target: { region: 'eu-west-1' },
    dimensions: { InstanceId: 'i-0123' },
    options: {
      document: 'AWS-RestartEC2Instance',
      assumeRole: 'arn:aws:iam::111122223333:role/automation',
      fromAlarm: { InstanceId: { dimension: 'InstanceId', allow: 'i-[0-9a-f]+' } },
    },
    world: automationWorld,
    after: ['i-0123'],
    steps: ['Run AWS-RestartEC2Instance'],
    spoiled: 'AWS-RestartEC2Instance ended as Failed: step 2 failed',
    broken: 'not done within 1800 s',
  },
  {
    name: 'invoke-function',
    runbook: find('invoke-function'),
    target: { lambda: { function: 'mend-athena' } },
    options: { input: { level: 3 }, undo: true },
    world: functionWorld,
    after: 3,
    undone: 9,
    steps: ['Ask mend-athena'],
    spoiled: 'mend-athena failed: the level is locked',
  },
]
