// One world for each kind of thing that a runbook acts on: what is broken there, what fixes it, and what must hold afterwards.
import type { Target } from '../../lambda/core/services/config.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { RUNBOOKS } from '../../lambda/runbooks/index.ts'
import { ALARM, fakeCloudWatch, type Series } from './fakes/cloudwatch.ts'
import { fakeCloud, NOON, type Actions, type Clock, type FakeCloud } from './fakes/cloud.ts'
import { fakeEcs, type EcsOptions, type FakeEcs } from './fakes/ecs.ts'
import { fakeGroup } from './fakes/group.ts'
import { fakeSsm, type FakeSsm, type Machine } from './fakes/ssm.ts'
import { fakeStorage } from './fakes/storage.ts'

export interface World {
  clock: Clock
  cloud: FakeCloud
  /** What the runbook changes. */
  state(): unknown
  /** Makes somebody else faster. */
  spoil(): void
  /** Makes new things fail. */
  break?(): void
}

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

export const SINCE = NOON + 600_000

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
    signals: ['latency'],
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

const clockAt = (): Clock => ({ now: SINCE + 5000 })

/** The alarm's metric: bad until it is fixed. */
const symptom = (helps: boolean, mended: () => boolean) => () => (helps && mended() ? 0.2 : 9)

interface Parts {
  ecs?: FakeEcs
  ssm?: FakeSsm
  autoscaling?: Actions
  ec2?: Actions
  rds?: Actions
}

function cloudOf(clock: Clock, mended: () => boolean, helps: boolean, parts: Parts, series: Series[] = []): FakeCloud {
  const { ecs, ssm, ...rest } = parts
  return fakeCloud({
    cloudwatch: fakeCloudWatch(clock, symptom(helps, mended), series),
    ...(ecs && { ecs: ecs.actions, elbv2: ecs.targets }),
    ...(ssm && { ssm: ssm.actions }),
    ...rest,
  })
}

function ecsWorld(
  options: EcsOptions,
  mended: (ecs: FakeEcs) => boolean,
  series: (ecs: FakeEcs) => Series[] = () => [],
) {
  return (helps: boolean): World & { ecs: FakeEcs } => {
    const clock = clockAt()
    const ecs = fakeEcs(clock, options)
    const cloud = cloudOf(clock, () => mended(ecs), helps, { ecs }, series(ecs))
    return {
      clock,
      cloud,
      ecs,
      state: () => ({ desired: ecs.desired, fresh: ecs.fresh(SINCE) }),
      spoil: () => ecs.deploySomething(),
      break: () => void (ecs.breaks = true),
    }
  }
}

const unitMachine =
  (restarted: Set<string>, id: string, used = 6): Machine =>
  (script) => {
    if (script.includes('systemctl restart')) return restarted.add(id) && 'active'
    if (script.includes('MemoryCurrent'))
      return `MemoryCurrent=${used * 2 ** 30}\nMemTotal:${8 * 2 ** 30}\nMemAvailable:${(8 - used) * 2 ** 30}`
    return 'LoadState=loaded\nActiveState=active'
  }

function unitWorld(target: Target, mendedBy: number) {
  return (helps: boolean): World => {
    const clock = clockAt()
    const restarted = new Set<string>()
    const machines: Record<string, Machine> = {}
    target.ec2!.instances.forEach((id, place) => (machines[id] = unitMachine(restarted, id, 5 + place)))
    const ssm = fakeSsm(clock, machines)
    let isBroken = false
    for (const [id, machine] of Object.entries(machines))
      machines[id] = (script) => {
        if (isBroken && script.includes('systemctl restart')) throw new Error('Job for athena.service failed')
        return machine(script)
      }
    return {
      clock,
      cloud: cloudOf(clock, () => restarted.size >= mendedBy, helps, { ssm }),
      state: () => [...restarted].sort(),
      spoil: () => void (isBroken = true),
      break: () => void (isBroken = true),
    }
  }
}

const GIB = 2 ** 30

/** Machines whose disk is full of files that may be cleaned; growing the volume makes room too. */
function diskWorld(cleanable: number) {
  return (helps: boolean): World => {
    const clock = clockAt()
    const storage = fakeStorage(clock)
    let removed = 0
    let size = 100
    let isBroken = false
    const available = (): number => 5 + removed + (size - 100)
    const disk = (): string => `disk ${size * GIB} ${available() * GIB} /`
    const machine: Machine = (script) => {
      if (isBroken && !script.includes('free-disk look')) throw new Error('the machine is read-only')
      if (script.includes('free-disk clean')) removed = cleanable
      if (script.includes('free-disk grow')) size = storage.volumes['vol-0abc']!.target!
      return script.includes('free-disk look')
        ? `${disk()}\nvolume vol0abc /\nclean 0 ${cleanable * GIB} ${cleanable}`
        : disk()
    }
    const ssm = fakeSsm(clock, { 'i-1': machine })
    return {
      clock,
      cloud: cloudOf(clock, () => available() >= 20, helps, { ssm, ec2: storage.ec2 }),
      state: () => ({ removed, size, gib: storage.volumes['vol-0abc']!.target ?? 100 }),
      spoil: () => void (isBroken = true),
    }
  }
}

const memory = (percent: (id: string) => number) => (ecs: FakeEcs) =>
  Array.from({ length: 40 }, (_, place): Series => {
    const id = `t${place + 1}`
    return {
      namespace: 'ECS/ContainerInsights',
      name: 'TaskMemoryUtilization',
      dimensions: { ClusterName: 'ml', ServiceName: 'athena', TaskId: id },
      value: () => (ecs.ids().includes(id) ? percent(id) : undefined),
    }
  })

const find = (name: string): Runbook => RUNBOOKS.get(name)!

export const SCENARIOS: Scenario[] = [
  {
    name: 'rolling-restart of an ECS service',
    runbook: find('rolling-restart'),
    target: { ...ECS, alb: ALB },
    options: {},
    world: ecsWorld({}, (ecs) => ecs.fresh(SINCE) >= 4),
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
    world: ecsWorld({ schedulingStrategy: 'DAEMON', healthCheck: false }, (ecs) => ecs.fresh(SINCE) >= 4),
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
    world: (helps) => {
      const clock = clockAt()
      const group = fakeGroup(clock)
      return {
        clock,
        cloud: cloudOf(clock, () => group.fresh(SINCE) >= 4, helps, { autoscaling: group.actions }),
        state: () => ({ desired: group.desired, fresh: group.fresh(SINCE) }),
        spoil: () => group.killOne(),
        break: () => void (group.breaks = true),
      }
    },
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
    spoiled: 'Failed (Job for athena.service failed)',
    broken: 'restart athena.service 1 of 3 on i-1: Failed',
  },
  {
    name: 'cut-connection-timeout in a parameter',
    runbook: find('cut-connection-timeout'),
    target: { ...ECS, timeout: { parameter: '/athena/db/timeout', unit: 'seconds' } },
    options: {},
    callers: { 'studio-api': 30, 'web-experience': 10 },
    world: (helps) => {
      const clock = clockAt()
      const ecs = fakeEcs(clock)
      const ssm = fakeSsm(clock)
      ssm.parameters['/athena/db/timeout'] = { value: '60', at: NOON - 86_400_000 }
      const timeout = () => ssm.parameters['/athena/db/timeout']!
      const isIn = () => timeout().value === '5' && ecs.fresh(timeout().at) >= 4
      return {
        clock,
        cloud: cloudOf(clock, isIn, helps, { ecs, ssm }),
        state: () => ({ value: timeout().value, fresh: ecs.fresh(timeout().at), desired: ecs.desired }),
        spoil: () => void (ssm.parameters['/athena/db/timeout'] = { value: '7', at: clock.now }),
        break: () => void (ecs.breaks = true),
      }
    },
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
      ecs: {
        cluster: 'ml',
        service: 'athena',
        roles: ['arn:aws:iam::111122223333:role/athena', 'arn:aws:iam::111122223333:role/start'],
      },
      timeout: { environment: 'DB_TIMEOUT', unit: 'milliseconds' },
    },
    options: { calls: { namespace: 'Athena', name: 'CallTime', unit: 'milliseconds' } },
    world: (helps) => {
      const environment = [
        { name: 'DB_TIMEOUT', value: '60000' },
        { name: 'MODE', value: 'live' },
      ]
      const value = (ecs: FakeEcs) => ecs.definition().containerDefinitions[0]!.environment![0]!.value
      const calls: Series = {
        namespace: 'Athena',
        name: 'CallTime',
        dimensions: {},
        value: (at) => (at > NOON ? 60_000 : 400),
      }
      const options = { environment, roles: true, tags: [{ key: 'team', value: 'ml' }] }
      const world = ecsWorld(
        options,
        (ecs) => value(ecs) === '5000' && ecs.fresh(SINCE) >= 4,
        () => [calls],
      )(helps)
      return {
        ...world,
        state: () => ({ value: value(world.ecs), running: world.ecs.running(), revision: world.ecs.revision() }),
      }
    },
    after: { value: '5000', running: 4, revision: 'athena:2' },
    undone: { value: '60000', running: 4, revision: 'athena:1' },
    steps: ['Deploy DB_TIMEOUT = 5000'],
    spoiled: 'somebody has deployed since',
    broken: 'athena:2 does not come up',
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
    world: (helps) => {
      const clock = clockAt()
      const storage = fakeStorage(clock)
      const free: Series = {
        namespace: 'AWS/RDS',
        name: 'FreeStorageSpace',
        dimensions: { DBInstanceIdentifier: 'core-db' },
        value: () => 4 * GIB,
      }
      return {
        clock,
        cloud: cloudOf(clock, () => storage.database.gib === 125, helps, { rds: storage.rds }, [free]),
        state: () => storage.database.gib,
        spoil: () => void (storage.database.gib = 200),
      }
    },
    after: 125,
    steps: ['Grow the storage of core-db to 125 GiB'],
    spoiled: 'core-db has 200 GiB',
  },
  {
    name: 'relieve-memory by recycling the largest task',
    runbook: find('relieve-memory'),
    target: ECS,
    options: {},
    world: ecsWorld(
      {},
      (ecs) => !ecs.ids().includes('t3'),
      memory((id) => (id === 't3' ? 96 : 40)),
    ),
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
      const world = ecsWorld(
        { memory: '2048' },
        (ecs) => ecs.definition().memory === '3072' && ecs.fresh(SINCE) >= 4,
        memory(() => 93),
      )(helps)
      return { ...world, state: () => ({ memory: world.ecs.definition().memory, running: world.ecs.running() }) }
    },
    also: ecsWorld(
      { memory: '2048' },
      () => true,
      memory((id) => (id === 't3' ? 96 : 40)),
    ),
    after: { memory: '3072', running: 4 },
    undone: { memory: '2048', running: 4 },
    steps: ['Raise the memory limit to 3072 MiB'],
    spoiled: 'somebody has deployed since',
    broken: 'athena:2 does not come up',
  },
  {
    name: 'relieve-memory by replacing an instance',
    runbook: find('relieve-memory'),
    target: GROUP,
    options: {},
    world: (helps) => {
      const clock = clockAt()
      const group = fakeGroup(clock)
      const [first, second] = group.ids()
      const series = group.ids().map((id): Series => ({
        namespace: 'CWAgent',
        name: 'mem_used_percent',
        dimensions: { InstanceId: id, ImageId: 'ami-1' },
        value: () => (id === second ? 97 : 50),
      }))
      return {
        clock,
        cloud: cloudOf(clock, () => !group.ids().includes(second!), helps, { autoscaling: group.actions }, series),
        state: () => ({
          gone: !group.ids().includes(second!),
          first: group.ids().includes(first!),
          fresh: group.fresh(SINCE),
        }),
        spoil: () => group.killOne(),
      }
    },
    after: { gone: true, first: true, fresh: 1 },
    steps: ['Replace i-00000000000000002'],
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
    spoiled: 'Failed (Job for athena.service failed)',
    broken: 'restart athena.service 1 of 1 on mi-3: Failed',
  },
  {
    name: 'add-capacity to an ECS service',
    runbook: find('add-capacity'),
    target: ECS,
    options: { max: 5 },
    world: (helps) => {
      const world = ecsWorld({}, (ecs) => ecs.running() >= 5)(helps)
      return { ...world, spoil: () => void (world.ecs.desired = 9) }
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
      const clock = clockAt()
      const group = fakeGroup(clock)
      return {
        clock,
        cloud: cloudOf(clock, () => group.fresh(SINCE) >= 2, helps, { autoscaling: group.actions }),
        state: () => group.desired,
        spoil: () => void (group.desired = 9),
      }
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
    world: (helps) => {
      const clock = clockAt()
      const ssm = fakeSsm(clock)
      const { automation } = ssm
      return {
        clock,
        cloud: cloudOf(clock, () => automation.started.length > 0, helps, { ssm }),
        state: () => automation.started.map(({ Parameters }) => Parameters['InstanceId']![0]),
        spoil: () => void (automation.status = 'Failed'),
        // It runs for longer than it may.
        break: () => void (automation.status = 'InProgress'),
      }
    },
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
    world: (helps) => {
      const clock = clockAt()
      let level = 9
      let why: string | undefined
      const lambda: Actions = {
        Invoke({ Payload }: { Payload: string }) {
          const { dryRun, phase, input, facts } = JSON.parse(Payload) as {
            dryRun: boolean
            phase: string
            input: { level: number }
            facts: { was: number }
          }
          const answer = (value: unknown) => ({ Payload: new TextEncoder().encode(JSON.stringify(value)) })
          if (why !== undefined) return { FunctionError: 'Unhandled', ...answer({ errorMessage: why }) }
          if (dryRun)
            return answer({
              found: `the level is ${level}`,
              calls: ['athena SetLevel'],
              touches: '1 level',
              facts: { was: level },
            })
          const wanted = phase === 'undo' ? facts.was : input.level
          if (level === wanted) return answer({ done: `the level is ${level}` })
          level = wanted
          return answer({ going: 'the level moves', againInSeconds: 2, state: { moved: true } })
        },
      }
      return {
        clock,
        cloud: fakeCloud({
          lambda,
          cloudwatch: fakeCloudWatch(
            clock,
            symptom(helps, () => level === 3),
          ),
        }),
        state: () => level,
        spoil: () => void (why = 'the level is locked'),
      }
    },
    after: 3,
    undone: 9,
    steps: ['Ask mend-athena'],
    spoiled: 'mend-athena failed: the level is locked',
  },
]
