// What a look finds, and why it says that nothing may be done.
import type { Target } from '../../lambda/core/services/config.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { RUNBOOKS } from '../../lambda/runbooks/index.ts'
import { drive } from './drive.ts'
import { fakeCloud, toolsOf, type Actions, type Clock } from './fakes/cloud.ts'
import { fakeCloudWatch, type Series } from './fakes/cloudwatch.ts'
import { fakeEcs, type EcsOptions } from './fakes/ecs.ts'
import { fakeGroup } from './fakes/group.ts'
import { fakeSsm } from './fakes/ssm.ts'
import { fakeStorage } from './fakes/storage.ts'
import { aboutOf, SINCE, type Scenario } from './scenarios.ts'

interface Setting {
  runbook: string
  target: Target
  options?: Record<string, unknown>
  callers?: Record<string, number>
  dimensions?: Record<string, string>
  services(clock: Clock): Parameters<typeof fakeCloud>[0]
}

async function look({ runbook, options = {}, services, ...rest }: Setting): Promise<{ found: string; stop?: string }> {
  const clock = { now: SINCE }
  const found = RUNBOOKS.get(runbook)!
  const about = aboutOf({ runbook: found, options, ...rest } as Scenario)
  const { found: words, stop } = await found
    .look(toolsOf(fakeCloud(services(clock)), clock), about)
    .catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error
      return { found: '', stop: error.message }
    })
  return { found: words, ...(stop !== undefined && { stop }) }
}

const ECS: Target = { ecs: { cluster: 'ml', service: 'athena' } }
const GROUP: Target = { autoScaling: { group: 'workers' } }

const withEcs =
  (options: EcsOptions, change: (ecs: ReturnType<typeof fakeEcs>) => void = () => undefined, series: Series[] = []) =>
  (clock: Clock) => {
    const ecs = fakeEcs(clock, options)
    change(ecs)
    return { ecs: ecs.actions, elbv2: ecs.targets, cloudwatch: fakeCloudWatch(clock, () => 9, series) }
  }
const withGroup =
  (change: (group: ReturnType<typeof fakeGroup>) => void = () => undefined) =>
  (clock: Clock) => {
    const group = fakeGroup(clock)
    change(group)
    return { autoscaling: group.actions, cloudwatch: fakeCloudWatch(clock, () => 9) }
  }
const withParameter =
  (value: string, type = 'String') =>
  (clock: Clock) => {
    const ssm = fakeSsm(clock)
    ssm.parameters['/t'] = { value, at: 0, type }
    return { ...withEcs({})(clock), ssm: ssm.actions }
  }
const withDisk =
  (printed: string, change: (storage: ReturnType<typeof fakeStorage>) => void = () => undefined) =>
  (clock: Clock) => {
    const storage = fakeStorage(clock)
    change(storage)
    return { ssm: fakeSsm(clock, { 'i-1': () => printed }).actions, ec2: storage.ec2 }
  }
const withRds =
  (free: number | undefined, change: Partial<ReturnType<typeof fakeStorage>['database']> = {}) =>
  (clock: Clock) => {
    const storage = fakeStorage(clock)
    Object.assign(storage.database, change)
    const series: Series = {
      namespace: 'AWS/RDS',
      name: 'FreeStorageSpace',
      dimensions: { DBInstanceIdentifier: 'core-db' },
      value: () => free,
    }
    return { rds: storage.rds, cloudwatch: fakeCloudWatch(clock, () => 9, [series]) }
  }

const DISK = { ec2: { instances: ['i-1'], clean: ['/var/log/athena/*.gz'], paths: ['/'] } }
const GROWS = { ...DISK, ebs: { volumes: ['vol-0abc'] } }
const GIB = 2 ** 30
const full = `disk ${100 * GIB} ${4 * GIB} /`
const RDS: Target = { rds: { instance: 'core-db' } }
const TIMEOUT: Target = { ...ECS, timeout: { parameter: '/t', unit: 'seconds' } }
const VARIABLE: Target = { ...ECS, timeout: { environment: 'T', unit: 'seconds' } }
const AUTOMATION = { document: 'AWS-RestartEC2Instance', assumeRole: 'arn:aws:iam::111122223333:role/a' }
const allow = { ...AUTOMATION, fromAlarm: { InstanceId: { dimension: 'InstanceId', allow: 'i-[0-9a-f]+' } } }
const answers = (answer: unknown, error?: string) => (): { lambda: Actions } => ({
  lambda: {
    Invoke: () => ({
      Payload: typeof answer === 'string' ? answer : JSON.stringify(answer),
      ...(error && { FunctionError: error }),
    }),
  },
})
const FUNCTION: Target = { lambda: { function: 'mend' } }

test.each<[string, Setting, string]>([
  [
    'a deployment is in progress',
    { runbook: 'rolling-restart', target: ECS, services: withEcs({}, (ecs) => ecs.deploySomething()) },
    'a deployment is in progress',
  ],
  [
    'a task is missing',
    { runbook: 'rolling-restart', target: ECS, services: withEcs({}, (ecs) => ecs.killOne()) },
    '3 of 4 tasks run',
  ],
  [
    'scaled to nothing',
    { runbook: 'rolling-restart', target: ECS, services: withEcs({ tasks: 0 }) },
    'it is scaled to no tasks',
  ],
  [
    'no such service',
    { runbook: 'rolling-restart', target: { ecs: { cluster: 'ml', service: 'athen' } }, services: withEcs({}) },
    'there is no ECS service athen in the cluster ml; check target.ecs in the config',
  ],
  [
    'a refresh is in progress',
    { runbook: 'rolling-restart', target: GROUP, services: withGroup((group) => group.startRefresh()) },
    'an instance refresh is in progress',
  ],
  [
    'no such group',
    { runbook: 'rolling-restart', target: { autoScaling: { group: 'x' } }, services: withGroup() },
    'there is no Auto Scaling group x',
  ],
  [
    'no such unit',
    {
      runbook: 'rolling-restart',
      target: { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } },
      services: (clock) => ({
        ssm: fakeSsm(clock, { 'i-1': () => 'LoadState=not-found\nActiveState=inactive' }).actions,
      }),
    },
    'there is no unit a.service on i-1',
  ],
  [
    'a parameter that is not a number',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, services: withParameter('1m') },
    '/t is "1m", not a number',
  ],
  [
    'a secret parameter',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, services: withParameter('60', 'SecureString') },
    '/t is a SecureString, not a number',
  ],
  [
    'nothing says how short',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, services: withParameter('60') },
    'nothing says how short it may be',
  ],
  [
    'short enough',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, callers: { web: 30 }, services: withParameter('5') },
    '5 s is short enough already',
  ],
  [
    'shorter than the config asks',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, options: { seconds: 8 }, services: withParameter('5') },
    'it is 5 s already',
  ],
  [
    'no such variable',
    { runbook: 'cut-connection-timeout', target: VARIABLE, callers: { web: 30 }, services: withEcs({}) },
    'T of athena:1 is not there',
  ],
  [
    'a variable that is not a number',
    {
      runbook: 'cut-connection-timeout',
      target: VARIABLE,
      callers: { web: 30 },
      services: withEcs({ environment: [{ name: 'T', value: 'x' }] }),
    },
    'T of athena:1 is not a number',
  ],
  [
    'roles that may not be passed',
    {
      runbook: 'cut-connection-timeout',
      target: VARIABLE,
      callers: { web: 30 },
      services: withEcs({ roles: true, environment: [{ name: 'T', value: '60' }] }),
    },
    'add arn:aws:iam::111122223333:role/athena and arn:aws:iam::111122223333:role/start to target.ecs.roles',
  ],
  [
    'room enough',
    { runbook: 'free-disk', target: DISK, services: withDisk(`disk ${100 * GIB} ${40 * GIB} /`) },
    'no file system has less than 20 % free',
  ],
  [
    'nothing to clean',
    { runbook: 'free-disk', target: DISK, services: withDisk(`${full}\nclean 0 0 0`) },
    'nothing that is declared as cleanable is older than 60 min',
  ],
  ['nothing to clean, and no cap', { runbook: 'free-disk', target: GROWS, services: withDisk(full) }, 'set maxGiB'],
  [
    'at the cap',
    { runbook: 'free-disk', target: GROWS, options: { maxGiB: 100 }, services: withDisk(`${full}\nvolume vol0abc /`) },
    'they are at 100 GiB',
  ],
  [
    'another volume is full',
    { runbook: 'free-disk', target: GROWS, options: { maxGiB: 200 }, services: withDisk(`${full}\nvolume vol0fff /`) },
    'none is the one that is full',
  ],
  [
    'the machine does not answer',
    {
      runbook: 'free-disk',
      target: DISK,
      services: (clock) => ({
        ssm: {
          ...fakeSsm(clock, { 'i-1': () => '' }).actions,
          ListCommandInvocations: () => ({ CommandInvocations: [] }),
        },
      }),
    },
    'i-1 did not answer within 120 s; is the SSM agent running?',
  ],
  [
    'a database without a cap',
    { runbook: 'free-disk', target: RDS, services: withRds(GIB) },
    'no storage may grow: set maxGiB',
  ],
  [
    'a database at its cap',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 100 }, services: withRds(GIB) },
    'it is at its cap of 100 GiB',
  ],
  [
    'a database near its cap',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 105 }, services: withRds(GIB) },
    'leaves less than the 10 % that RDS grows by',
  ],
  [
    'a database that is changed already',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 500 }, services: withRds(GIB, { status: 'modifying' }) },
    'it is modifying',
  ],
  [
    'a database with room',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 500 }, services: withRds(60 * GIB) },
    'at least 20 % are free',
  ],
  [
    'no task uses much',
    {
      runbook: 'relieve-memory',
      target: ECS,
      services: withEcs(
        {},
        undefined,
        ['t1', 't2', 't3', 't4'].map((id) => ({
          namespace: 'ECS/ContainerInsights',
          name: 'TaskMemoryUtilization',
          dimensions: { ClusterName: 'ml', TaskId: id },
          value: () => 30,
        })),
      ),
    },
    'no task uses more than 70 %',
  ],
  [
    'nothing measures instances',
    { runbook: 'relieve-memory', target: GROUP, services: withGroup() },
    'install the CloudWatch agent',
  ],
  [
    'systemd does not count memory',
    {
      runbook: 'relieve-memory',
      target: { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } },
      services: (clock) => ({
        ssm: fakeSsm(clock, { 'i-1': () => 'MemoryCurrent=[not set]\nMemTotal:100\nMemAvailable:5' }).actions,
        cloudwatch: fakeCloudWatch(clock, () => 9),
      }),
    },
    'set MemoryAccounting=yes',
  ],
  [
    'at the most tasks',
    { runbook: 'add-capacity', target: ECS, options: { max: 4 }, services: withEcs({}) },
    'it has 4 of at most 4 tasks',
  ],
  [
    'a daemon',
    { runbook: 'add-capacity', target: ECS, options: { max: 9 }, services: withEcs({ schedulingStrategy: 'DAEMON' }) },
    'a daemon has one task on each machine',
  ],
  [
    "at the group's own most",
    {
      runbook: 'add-capacity',
      target: GROUP,
      options: { max: 99 },
      services: withGroup((group) => void (group.desired = 10)),
    },
    'it has 10 of at most 10 instances',
  ],
  [
    'an alarm without the dimension',
    { runbook: 'ssm-automation', target: {}, options: allow, services: () => ({}) },
    'the alarm has no dimension InstanceId for InstanceId',
  ],
  [
    'a dimension that does not match',
    {
      runbook: 'ssm-automation',
      target: {},
      options: allow,
      dimensions: { InstanceId: 'i-0; rm -rf /' },
      services: () => ({}),
    },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension that matches in part',
    { runbook: 'ssm-automation', target: {}, options: allow, dimensions: { InstanceId: 'xi-0' }, services: () => ({}) },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension with a second line',
    {
      runbook: 'ssm-automation',
      target: {},
      options: allow,
      dimensions: { InstanceId: 'i-0\nx' },
      services: () => ({}),
    },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension that every object has',
    {
      runbook: 'ssm-automation',
      target: {},
      options: { ...AUTOMATION, fromAlarm: { P: { dimension: 'constructor', allow: '.*' } } },
      services: () => ({}),
    },
    'the alarm has no dimension constructor',
  ],
  [
    'a function that says stop',
    {
      runbook: 'invoke-function',
      target: FUNCTION,
      services: answers({ found: 'all is well', stop: 'nothing to do' }),
    },
    'nothing to do',
  ],
  [
    'a function that fails',
    { runbook: 'invoke-function', target: FUNCTION, services: answers({ errorMessage: 'boom' }, 'Unhandled') },
    'mend failed: boom',
  ],
  [
    'a function that answers no JSON',
    { runbook: 'invoke-function', target: FUNCTION, services: answers('<html>') },
    'mend gave an answer that Tocsin cannot read',
  ],
  [
    'a function that says nothing',
    { runbook: 'invoke-function', target: FUNCTION, services: answers({ stop: 5 }) },
    'mend gave an answer that Tocsin cannot read: found',
  ],
])('%s', async (_, setting, stop) => {
  expect((await look(setting)).stop).toContain(stop)
})

test('where nothing measures tasks, the one that runs longest is recycled, and it says so', async () => {
  const { found, stop } = await look({ runbook: 'relieve-memory', target: ECS, services: withEcs({}) })
  expect(stop).toBeUndefined()
  expect(found).toContain('nothing measures memory by task')
  expect(found).toContain('t1 runs longest of 4')
})

test('a restart stops when latency grows, with most tasks untouched', async () => {
  const clock = { now: SINCE }
  const ecs = fakeEcs(clock)
  const latency: Series = {
    namespace: 'AWS/ApplicationELB',
    name: 'TargetResponseTime',
    dimensions: { LoadBalancer: 'app/ml/1' },
    value: () => (ecs.fresh(SINCE) > 1 ? 20 : 8),
  }
  const cloud = fakeCloud({
    ecs: ecs.actions,
    elbv2: ecs.targets,
    cloudwatch: fakeCloudWatch(clock, () => 9, [latency]),
  })
  const runbook = RUNBOOKS.get('rolling-restart')!
  const target = { ...ECS, alb: { loadBalancer: 'app/ml/1' } }
  const about = aboutOf({ runbook, target, options: {} } as unknown as Scenario)
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'done: 5 tasks running',
    'failed: latency rose from 8 to 20, more than 50 %: nothing more is touched',
    'undone: 4 tasks, as before',
  ])
  expect(cloud.calls.filter(({ action }) => action === 'StopTask')).toHaveLength(1)
})

test.each([
  ['its own health check', { healthCheck: true }],
  ['its load balancer alone', { healthCheck: false }],
])('never fewer tasks than before serve while a service restarts, by %s', async (_, options) => {
  const clock = { now: SINCE }
  const ecs = fakeEcs(clock, { tasks: 12, ...options })
  const watched = fakeCloud({ ecs: ecs.actions, elbv2: ecs.targets, cloudwatch: fakeCloudWatch(clock, () => 0.1) })
  let fewest = Infinity
  let most = 0
  const cloud: typeof watched = {
    ...watched,
    async call(...call) {
      const answer = await watched.call(...call)
      fewest = Math.min(fewest, ecs.serving())
      most = Math.max(most, ecs.running())
      return answer as never
    },
  }
  const runbook = RUNBOOKS.get('rolling-restart')!
  const about = aboutOf({ runbook, target: ECS, options: {} } as unknown as Scenario)
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is }) => is)).toEqual(['done', 'done', 'done'])
  expect({ fewest, most }).toEqual({ fewest: 12, most: 15 })
})

test('what somebody else has scaled meanwhile stays', async () => {
  const clock = { now: SINCE }
  const ecs = fakeEcs(clock)
  const cloud = fakeCloud({
    elbv2: ecs.targets,
    cloudwatch: fakeCloudWatch(clock, () => 0.1),
    ecs: {
      ...ecs.actions,
      StopTask: (input: never) => {
        ecs.desired = 9
        return ecs.actions['StopTask']!(input)
      },
    },
  })
  const runbook = RUNBOOKS.get('rolling-restart')!
  const about = aboutOf({ runbook, target: ECS, options: {} } as unknown as Scenario)
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.at(-1)).toEqual({
    name: 'Back to 4 tasks',
    is: 'done',
    text: '9 tasks: somebody else has set it meanwhile',
  })
  expect(ecs.desired).toBe(9)
})

test('a revision that was registered before a crash is taken up, not registered again', async () => {
  const clock = { now: SINCE }
  const ecs = fakeEcs(clock, { environment: [{ name: 'T', value: '60' }] })
  let throttled = 2
  const cloud = fakeCloud({
    elbv2: ecs.targets,
    ecs: {
      ...ecs.actions,
      UpdateService: (input: never) => {
        if (throttled-- > 0) throw new Error('ThrottlingException')
        return ecs.actions['UpdateService']!(input)
      },
    },
  })
  const runbook = RUNBOOKS.get('cut-connection-timeout')!
  const target: Target = { ...ECS, timeout: { environment: 'T', unit: 'seconds' } }
  const about = aboutOf({ runbook, target, options: { seconds: 5 } } as unknown as Scenario)
  const tools = toolsOf(cloud, clock)
  const { facts } = await runbook.look(tools, about)
  const [step] = runbook.steps(facts, about)
  await expect(step!.turn(tools, undefined)).rejects.toThrow('ThrottlingException')
  await expect(step!.turn(tools, undefined)).rejects.toThrow('ThrottlingException')
  expect(await step!.turn(tools, undefined)).toMatchObject({ going: 'athena:2 is being deployed' })
  expect(cloud.calls.filter(({ action }) => action === 'RegisterTaskDefinition')).toHaveLength(1)
})

describe('whether it helped', () => {
  const verdictOf = async (
    options: Record<string, unknown>,
    services: Parameters<typeof fakeCloud>[0],
    name?: string,
  ) => {
    const clock = { now: SINCE }
    const runbook = RUNBOOKS.get('rolling-restart')!
    const about = aboutOf({ runbook, target: ECS, options } as unknown as Scenario)
    if (name !== undefined) about.alarm.name = name
    return runbook.healthy(toolsOf(fakeCloud(services), clock), about, {})
  }
  const cloudwatch = (value: number) => ({ cloudwatch: fakeCloudWatch({ now: SINCE }, () => value) })
  const when = (rest: object) => ({
    healthyWhen: { namespace: 'Athena', name: 'Latency', dimensions: { Service: 'athena' }, ...rest },
  })
  const alarm = (fields: object, values: number[]) => ({
    cloudwatch: {
      DescribeAlarms: () => ({
        MetricAlarms: [
          { AlarmName: 'x', MetricName: 'M', Threshold: 5, ComparisonOperator: 'GreaterThanThreshold', ...fields },
        ],
      }),
      GetMetricData: ({ MetricDataQueries }: { MetricDataQueries: { Id: string }[] }) => ({
        MetricDataResults: MetricDataQueries.map(({ Id }, place) => ({ Id, Values: values.slice(place, place + 1) })),
      }),
    },
  })

  test.each([
    ["the alarm's metric is good", {}, cloudwatch(0.2), undefined, true, 'Latency is 0.2 (its alarm fires above 1)'],
    ["the alarm's metric is bad", {}, cloudwatch(9), undefined, false, 'Latency is 9 (its alarm fires above 1)'],
    [
      'below what the config names',
      when({ below: 1 }),
      cloudwatch(0.2),
      undefined,
      true,
      'Average of Latency is 0.2 (below 1)',
    ],
    [
      'not above what the config names',
      when({ above: 1 }),
      cloudwatch(0.2),
      undefined,
      false,
      'Average of Latency is 0.2 (above 1)',
    ],
    [
      'no data',
      when({ below: 1, name: 'Nothing' }),
      cloudwatch(1),
      undefined,
      false,
      'Average of Nothing has no data yet (below 1)',
    ],
    ['no such alarm here', {}, cloudwatch(9), 'other', true, 'there is no metric to read; its alarm decides'],
    ['no alarm', {}, {}, '', true, 'there is no metric to read; its alarm decides'],
    [
      'an alarm on a band',
      {},
      alarm({ ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' }, [9]),
      'x',
      true,
      'its alarm decides',
    ],
    [
      'metric math: what it returns is read',
      {},
      alarm(
        {
          Metrics: [
            { Id: 'a', ReturnData: false },
            { Id: 'e', ReturnData: true },
          ],
        },
        [99, 2],
      ),
      'x',
      true,
      'M is 2',
    ],
  ])('%s', async (_, options, services, name, ok, text) => {
    const verdict = await verdictOf(options, services, name)
    expect(verdict).toEqual({ ok, text: expect.stringContaining(text) as string })
  })

  test('only whole periods are read: half a minute of a sum says nothing', async () => {
    const clock = { now: SINCE + 42_000 }
    const ends: number[] = []
    const watched = fakeCloudWatch(clock, () => 1)
    const cloud = fakeCloud({
      cloudwatch: {
        ...watched,
        GetMetricData: (input: { EndTime: Date }) => {
          ends.push(input.EndTime.getTime())
          return watched['GetMetricData']!(input as never)
        },
      },
    })
    const runbook = RUNBOOKS.get('rolling-restart')!
    await runbook.healthy(
      toolsOf(cloud, clock),
      aboutOf({ runbook, target: ECS, options: {} } as unknown as Scenario),
      {},
    )
    expect(ends).toEqual([SINCE])
  })
})
