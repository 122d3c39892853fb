// What a look finds, and why it says that nothing may be done.
import type { Target } from '../../lambda/core/services/config.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { RUNBOOKS } from '../../lambda/runbooks/index.ts'
import { drive } from './drive.ts'
import { fakeCloud, SINCE, toolsOf, type FakeCloud } from './fakes/cloud.ts'
import {
  asInstances,
  asTasks,
  asUnit,
  ROLES,
  deploySomething,
  killOne,
  small,
  type Small,
  type SmallInput,
} from './fakes/world.ts'
import { aboutOf, type Scenario } from './scenarios.ts'

interface Setting {
  runbook: string
  target: Target
  options?: Record<string, unknown>
  callers?: Record<string, number>
  dimensions?: Record<string, string>
  made(): Small
}

const aboutThe = (name: string, rest: Partial<Scenario>) => {
  const runbook = RUNBOOKS.get(name)!
  return { runbook, about: aboutOf({ runbook, options: {}, ...rest } as Scenario) }
}

async function look({ runbook: name, made, ...rest }: Setting): Promise<{ found: string; stop?: string }> {
  const { runbook, about } = aboutThe(name, rest)
  const { cloud, clock } = made()
  const { found: words, stop } = await runbook.look(toolsOf(cloud, clock), about).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
    return { found: '', stop: error.message }
  })
  return { found: words, ...(stop !== undefined && { stop }) }
}

const ECS: Target = { ecs: { cluster: 'ml', service: 'athena' } }
const GROUP: Target = { autoScaling: { group: 'workers' } }
const GIB_IN_MIB = 1024

/** `before` its first second, and `change` when the look comes. */
const having =
  (
    input: SmallInput,
    change: (made: Small) => void = () => undefined,
    before: (made: Small) => void = () => undefined,
  ) =>
  (): Small => {
    const made = small(input)
    before(made)
    made.catchUp()
    change(made)
    return made
  }
const withTasks = (change?: (made: Small) => void, before?: (made: Small) => void) =>
  having({ athena: asTasks() }, change, before)
const withVariable = (T: string, ecs: SmallInput['ecs'] = {}) => having({ athena: asTasks({}, { T }), ecs })
const withGroup = (change?: (made: Small) => void) => having({ athena: asInstances() }, change)
const withParameter = (value: string, type = 'String') =>
  having({ athena: asTasks() }, ({ apis }) => void apis.ssm['PutParameter']!({ Name: '/t', Value: value, Type: type }))
/** A disk of 100 GiB, with so many free. */
const withDisk = (freeGib: number, volume?: string) =>
  having({
    instances: {
      'i-1': {
        disks: {
          '/': { volume, sizeMiB: 100 * GIB_IN_MIB, folders: { '/usr': (100 - freeGib) * GIB_IN_MIB } },
          '/data': { volume: volume === 'vol-0abc' ? undefined : 'vol-0abc', sizeMiB: GIB_IN_MIB, folders: {} },
        },
      },
    },
  })
const withRds = (freeGib: number, change?: (made: Small) => void) =>
  having(
    { databases: { 'core-db': { allocatedMiB: 100 * GIB_IN_MIB, usedMiB: (100 - freeGib) * GIB_IN_MIB } } },
    change,
  )
const withUnit = (unit: string, output?: string) =>
  having(
    { athena: { ...asUnit(['i-1']), systemd: { unit, instances: ['i-1'] } }, instances: { 'i-1': { disks: {} } } },
    ({ world }) => {
      if (output !== undefined) world.machines.get('i-1')!.shell = () => ({ output, failed: false, seconds: 1 })
    },
  )
/** As where no Container Insights and no CloudWatch agent measure anything. */
const unmeasured = ({ apis }: Small): void => void (apis.cloudwatch['ListMetrics'] = () => ({ Metrics: [] }))
const nothing = having({})

const DISK = { ec2: { instances: ['i-1'], clean: ['/var/log/athena/*.gz'], paths: ['/'] } }
const GROWS = { ...DISK, ebs: { volumes: ['vol-0abc'] } }
const RDS: Target = { rds: { instance: 'core-db' } }
const TIMEOUT: Target = { ...ECS, timeout: { parameter: '/t', unit: 'seconds' } }
const VARIABLE: Target = { ...ECS, timeout: { environment: 'T', unit: 'seconds' } }
const AUTOMATION = { document: 'AWS-RestartEC2Instance', assumeRole: 'arn:aws:iam::111122223333:role/a' }
const allow = { ...AUTOMATION, fromAlarm: { InstanceId: { dimension: 'InstanceId', allow: 'i-[0-9a-f]+' } } }
const answers = (answer: unknown, error?: string) =>
  having({
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
    { runbook: 'rolling-restart', target: ECS, made: withTasks(deploySomething) },
    'a deployment is in progress',
  ],
  ['a task is missing', { runbook: 'rolling-restart', target: ECS, made: withTasks(killOne) }, '3 of 4 tasks run'],
  [
    'scaled to nothing',
    {
      runbook: 'rolling-restart',
      target: ECS,
      made: withTasks(undefined, ({ athena }) => void (athena.fleet.desired = 0)),
    },
    'it is scaled to no tasks',
  ],
  [
    'no such service',
    { runbook: 'rolling-restart', target: { ecs: { cluster: 'ml', service: 'athen' } }, made: withTasks() },
    'there is no ECS service athen in the cluster ml; check target.ecs in the config',
  ],
  [
    'a refresh is in progress',
    {
      runbook: 'rolling-restart',
      target: GROUP,
      made: withGroup(
        ({ apis }) => void apis.autoscaling['StartInstanceRefresh']!({ AutoScalingGroupName: 'workers' }),
      ),
    },
    'an instance refresh is in progress',
  ],
  [
    'no such group',
    { runbook: 'rolling-restart', target: { autoScaling: { group: 'x' } }, made: withGroup() },
    'there is no Auto Scaling group x',
  ],
  [
    'no such unit',
    {
      runbook: 'rolling-restart',
      target: { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } },
      made: withUnit('b.service'),
    },
    'there is no unit a.service on i-1',
  ],
  [
    'a parameter that is not a number',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, made: withParameter('1m') },
    '/t is "1m", not a number',
  ],
  [
    'a secret parameter',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, made: withParameter('60', 'SecureString') },
    '/t is a SecureString, not a number',
  ],
  [
    'nothing says how short',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, made: withParameter('60') },
    'nothing says how short it may be',
  ],
  [
    'short enough',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, callers: { web: 30 }, made: withParameter('5') },
    '5 s is short enough already',
  ],
  [
    'shorter than the config asks',
    { runbook: 'cut-connection-timeout', target: TIMEOUT, options: { seconds: 8 }, made: withParameter('5') },
    'it is 5 s already',
  ],
  [
    'no such variable',
    { runbook: 'cut-connection-timeout', target: VARIABLE, callers: { web: 30 }, made: withTasks() },
    'T of athena:1 is not there',
  ],
  [
    'a variable that is not a number',
    {
      runbook: 'cut-connection-timeout',
      target: VARIABLE,
      callers: { web: 30 },
      made: withVariable('x'),
    },
    'T of athena:1 is not a number',
  ],
  [
    'roles that may not be passed',
    {
      runbook: 'cut-connection-timeout',
      target: VARIABLE,
      callers: { web: 30 },
      made: withVariable('60', { definition: ROLES }),
    },
    'add arn:aws:iam::111122223333:role/athena and arn:aws:iam::111122223333:role/start to target.ecs.roles',
  ],
  ['room enough', { runbook: 'free-disk', target: DISK, made: withDisk(40) }, 'no file system has less than 20 % free'],
  [
    'nothing to clean',
    { runbook: 'free-disk', target: DISK, made: withDisk(4) },
    'nothing that is declared as cleanable is older than 60 min',
  ],
  [
    'nothing to clean, and no cap',
    { runbook: 'free-disk', target: GROWS, made: withDisk(4, 'vol-0abc') },
    'set maxGiB',
  ],
  [
    'at the cap',
    { runbook: 'free-disk', target: GROWS, options: { maxGiB: 100 }, made: withDisk(4, 'vol-0abc') },
    'they are at 100 GiB',
  ],
  [
    'another volume is full',
    { runbook: 'free-disk', target: GROWS, options: { maxGiB: 200 }, made: withDisk(4, 'vol-0fff') },
    'none is the one that is full',
  ],
  [
    'the machine does not answer',
    {
      runbook: 'free-disk',
      target: DISK,
      made: having({ instances: { 'i-1': { disks: {} } } }, ({ world }) => {
        world.machines.get('i-1')!.shell = () => ({ output: '', failed: false, seconds: Infinity })
      }),
    },
    'i-1 did not answer within 120 s; is the SSM agent running?',
  ],
  [
    'a database without a cap',
    { runbook: 'free-disk', target: RDS, made: withRds(1) },
    'no storage may grow: set maxGiB',
  ],
  [
    'a database at its cap',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 100 }, made: withRds(1) },
    'it is at its cap of 100 GiB',
  ],
  [
    'a database near its cap',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 105 }, made: withRds(1) },
    'leaves less than the 10 % that RDS grows by',
  ],
  [
    'a database that is changed already',
    {
      runbook: 'free-disk',
      target: RDS,
      options: { maxGiB: 500 },
      made: withRds(
        1,
        ({ apis }) => void apis.rds['ModifyDBInstance']!({ DBInstanceIdentifier: 'core-db', AllocatedStorage: 120 }),
      ),
    },
    'it is modifying',
  ],
  [
    'a database with room',
    { runbook: 'free-disk', target: RDS, options: { maxGiB: 500 }, made: withRds(60) },
    'at least 20 % are free',
  ],
  [
    'no task uses much',
    {
      runbook: 'relieve-memory',
      target: ECS,
      made: having({ athena: asTasks({ memoryMiB: 1000, memoryBaseMiB: 300 }) }),
    },
    'no task uses more than 70 %',
  ],
  [
    'nothing measures instances',
    { runbook: 'relieve-memory', target: GROUP, made: withGroup(unmeasured) },
    'install the CloudWatch agent',
  ],
  [
    'systemd does not count memory',
    {
      runbook: 'relieve-memory',
      target: { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } },
      made: withUnit('a.service', 'MemoryCurrent=[not set]\nMemTotal:100\nMemAvailable:5'),
    },
    'set MemoryAccounting=yes',
  ],
  [
    'at the most tasks',
    { runbook: 'add-capacity', target: ECS, options: { max: 4 }, made: withTasks() },
    'it has 4 of at most 4 tasks',
  ],
  [
    'a daemon',
    {
      runbook: 'add-capacity',
      target: ECS,
      options: { max: 9 },
      made: having({ athena: asTasks(), ecs: { daemon: true } }),
    },
    'a daemon has one task on each machine',
  ],
  [
    "at the group's own most",
    {
      runbook: 'add-capacity',
      target: GROUP,
      options: { max: 99 },
      made: withGroup(({ athena }) => void (athena.fleet.desired = 10)),
    },
    'it has 10 of at most 10 instances',
  ],
  [
    'an alarm without the dimension',
    { runbook: 'ssm-automation', target: {}, options: allow, made: nothing },
    'the alarm has no dimension InstanceId for InstanceId',
  ],
  [
    'a dimension that does not match',
    {
      runbook: 'ssm-automation',
      target: {},
      options: allow,
      dimensions: { InstanceId: 'i-0; rm -rf /' },
      made: nothing,
    },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension that matches in part',
    { runbook: 'ssm-automation', target: {}, options: allow, dimensions: { InstanceId: 'xi-0' }, made: nothing },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension with a second line',
    {
      runbook: 'ssm-automation',
      target: {},
      options: allow,
      dimensions: { InstanceId: 'i-0\nx' },
      made: nothing,
    },
    "the alarm's InstanceId is not one that InstanceId may be",
  ],
  [
    'a dimension that every object has',
    {
      runbook: 'ssm-automation',
      target: {},
      options: { ...AUTOMATION, fromAlarm: { P: { dimension: 'constructor', allow: '.*' } } },
      made: nothing,
    },
    'the alarm has no dimension constructor',
  ],
  [
    'a function that says stop',
    {
      runbook: 'invoke-function',
      target: FUNCTION,
      made: answers({ found: 'all is well', stop: 'nothing to do' }),
    },
    'nothing to do',
  ],
  [
    'a function that fails',
    { runbook: 'invoke-function', target: FUNCTION, made: answers({ errorMessage: 'boom' }, 'Unhandled') },
    'mend failed: boom',
  ],
  [
    'a function that answers no JSON',
    { runbook: 'invoke-function', target: FUNCTION, made: answers('<html>') },
    'mend gave an answer that Tocsin cannot read',
  ],
  [
    'a function that says nothing',
    { runbook: 'invoke-function', target: FUNCTION, made: answers({ stop: 5 }) },
    'mend gave an answer that Tocsin cannot read: found',
  ],
])('%s', async (_, setting, stop) => {
  expect((await look(setting)).stop).toContain(stop)
})

test('where nothing measures tasks, the one that runs longest is recycled, and it says so', async () => {
  const oldest = ({ athena }: Small): void => void (athena.fleet.workers[2]!.startedAt = -3600)
  const made = withTasks(unmeasured, oldest)()
  const { found, stop } = await look({ runbook: 'relieve-memory', target: ECS, made: () => made })
  expect(stop).toBeUndefined()
  expect(found).toContain('nothing measures memory by task')
  expect(found).toContain(`${made.ids()[2]} runs longest of 4`)
})

test('a restart stops when latency grows, with most tasks untouched', async () => {
  const isStopping = (): boolean => cloud.calls.some(({ action }) => action === 'StopTask')
  // New tasks take so long that a whole minute is measured before the next batch.
  const { cloud, clock, world } = small({ athena: asTasks({ startSeconds: 150 }) })
  world.metrics.add(
    { namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', dimensions: { LoadBalancer: 'app/ml/1' } },
    () => (isStopping() ? 20 : 8),
  )
  const { runbook, about } = aboutThe('rolling-restart', { target: { ...ECS, alb: { loadBalancer: 'app/ml/1' } } })
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'done: 5 tasks running',
    'failed: latency rose from 8 to 20, more than 50 %: nothing more is touched',
    'undone: 4 tasks, as before',
  ])
  expect(cloud.calls.filter(({ action }) => action === 'StopTask')).toHaveLength(1)
})

test.each([
  ['its own health check alone', { athena: { ...asTasks({ count: 12 }), loadBalancer: undefined } }],
  ['its load balancer alone', { athena: asTasks({ count: 12 }), ecs: { healthCheck: false } }],
])('never fewer tasks than before serve while a service restarts, by %s', async (_, input) => {
  const { athena, cloud, clock, world } = small({ ...input, symptom: () => 0.1 })
  let fewest = Infinity
  let most = 0
  world.metrics.add({ namespace: 'Athena', metric: 'Seen', dimensions: {} }, () => {
    fewest = Math.min(fewest, athena.fleet.ready().length)
    most = Math.max(most, athena.fleet.workers.filter(({ state }) => state !== 'stopping').length)
    return most
  })
  const { runbook, about } = aboutThe('rolling-restart', { target: ECS })
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is }) => is)).toEqual(['done', 'done', 'done'])
  expect({ fewest, most }).toEqual({ fewest: 12, most: 15 })
})

test('an instance refresh that fails is cancelled once, and waited for', async () => {
  const { apis, athena, cloud, clock, catchUp } = small({ athena: asInstances() })
  athena.fleet.breaks = 'the AMI is not there'
  const { runbook, about } = aboutThe('rolling-restart', { target: GROUP })
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'failed: the AMI is not there: the instance refresh is cancelled',
    'undone: no instance refresh is in progress',
  ])
  expect(cloud.calls.filter(({ action }) => action === 'CancelInstanceRefresh')).toHaveLength(1)
  catchUp()
  expect(apis.autoscaling['DescribeInstanceRefreshes']!({ AutoScalingGroupName: 'workers' })).toMatchObject({
    InstanceRefreshes: [{ Status: 'Cancelled' }],
  })
})

test('a daemon gets no spare tasks', async () => {
  const { cloud, clock } = small({ athena: asTasks(), ecs: { daemon: true } })
  const { runbook, about } = aboutThe('rolling-restart', { target: ECS })
  const { facts } = await runbook.look(toolsOf(cloud, clock), about)
  expect(runbook.steps(facts, about).map(({ name }) => name)).toEqual(['Restart 4 tasks, 1 at a time'])
})

test('a command is found among those that others have sent since, and not sent again', async () => {
  const { apis, cloud, clock, athena } = small({ athena: asUnit(['i-1']), instances: { 'i-1': { disks: {} } } })
  const { SendCommand } = apis.ssm
  apis.ssm['SendCommand'] = (input) => {
    const sent = SendCommand!(input)
    for (let n = 0; n < 5; n++) SendCommand!({ ...input, Comment: 'theirs', Parameters: { commands: [':'] } })
    return sent
  }
  const ec2 = { instances: ['i-1'], unit: 'athena.service', clean: [], paths: ['/'] }
  const { runbook, about } = aboutThe('rolling-restart', { target: { ec2 } })
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is }) => is)).toEqual(['done'])
  expect(athena.fleet.gone.map(({ why }) => why)).toEqual(['stopped'])
})

test('what somebody else has scaled meanwhile stays', async () => {
  const { apis, athena, cloud, clock } = small({ athena: asTasks(), symptom: () => 0.1 })
  const { StopTask } = apis.ecs
  apis.ecs['StopTask'] = (input) => {
    athena.fleet.desired = 9
    return StopTask!(input)
  }
  const { runbook, about } = aboutThe('rolling-restart', { target: ECS })
  const { steps } = await drive(runbook, about, toolsOf(cloud, clock), clock)
  expect(steps.at(-1)).toEqual({
    name: 'Back to 4 tasks',
    is: 'done',
    text: '9 tasks: somebody else has set it meanwhile',
  })
  expect(athena.fleet.desired).toBe(9)
})

test('a revision that was registered before a crash is taken up, not registered again', async () => {
  const { apis, cloud, clock } = small({ athena: asTasks({}, { T: '60' }) })
  const { UpdateService } = apis.ecs
  let throttled = 2
  apis.ecs['UpdateService'] = (input) => {
    if (throttled-- > 0) throw new Error('ThrottlingException')
    return UpdateService!(input)
  }
  const { runbook, about } = aboutThe('cut-connection-timeout', { target: VARIABLE, options: { seconds: 5 } })
  const tools = toolsOf(cloud, clock)
  const { facts } = await runbook.look(tools, about)
  const [step] = runbook.steps(facts, about)
  await expect(step!.turn(tools, undefined)).rejects.toThrow('ThrottlingException')
  await expect(step!.turn(tools, undefined)).rejects.toThrow('ThrottlingException')
  expect(await step!.turn(tools, undefined)).toMatchObject({ going: 'athena:2 is being deployed' })
  expect(cloud.calls.filter(({ action }) => action === 'RegisterTaskDefinition')).toHaveLength(1)
})

describe('whether it helped', () => {
  const verdictOf = async (options: Record<string, unknown>, cloud: FakeCloud, name?: string) => {
    const { runbook, about } = aboutThe('rolling-restart', { target: ECS, options })
    if (name !== undefined) about.alarm.name = name
    return runbook.healthy(toolsOf(cloud, { now: SINCE }), about, {})
  }
  const cloudwatch = (value: number) => small({ symptom: () => value }).cloud
  const when = (rest: object) => ({
    healthyWhen: { namespace: 'Athena', name: 'Latency', dimensions: { Service: 'athena' }, ...rest },
  })
  const alarm = (fields: object, values: number[]) =>
    fakeCloud({
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
    ['no alarm', {}, fakeCloud({}), '', true, 'there is no metric to read; its alarm decides'],
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
  ])('%s', async (_, options, cloud, name, ok, text) => {
    const verdict = await verdictOf(options, cloud, name)
    expect(verdict).toEqual({ ok, text: expect.stringContaining(text) as string })
  })

  test('only whole periods are read: half a minute of a sum says nothing', async () => {
    const { cloud, clock } = small({ clock: { now: SINCE + 42_000 }, symptom: () => 1 })
    const { runbook, about } = aboutThe('rolling-restart', { target: ECS })
    await runbook.healthy(toolsOf(cloud, clock), about, {})
    const asked = cloud.calls.filter(({ action }) => action === 'GetMetricData')
    expect(asked.map(({ input }) => input['EndTime'])).toEqual([new Date(SINCE)])
  })
})
