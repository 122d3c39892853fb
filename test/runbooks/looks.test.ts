// What looks find, and how steps act on what they find.
import { drive } from './drive.ts'
import { fakeCloud, SINCE, toolsOf, type FakeCloud } from './fakes/cloud.ts'
import { asInstances, asTasks, asUnit, small, type Small } from './fakes/world.ts'
import { aboutThe, ECS, GROUP, look, unmeasured, VARIABLE, withTasks } from './look.ts'

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
