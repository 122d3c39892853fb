// What an approval covers: each look names its target, a second look at the same world is within it, and one at another world is not.
import { whyAskAgain } from '../../lambda/core/remediate/scope.ts'
import type { Target } from '../../lambda/core/services/config.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import type { Case, Look, Runbook, Scope } from '../../lambda/runbooks/runbook.ts'
import { fakeCloud, SINCE, toolsOf } from './fakes/cloud.ts'
import { asInstances, asTasks, deploySomething, small, type Small } from './fakes/world.ts'
import { aboutOf, SCENARIOS, type Scenario } from './scenarios.ts'

const runbookOf = (name: string): Runbook => BUILT_IN.get(name)!

describe.each(SCENARIOS)('$name', (scenario) => {
  test('names what it is about, and a second look is within that', async () => {
    const world = scenario.world(true)
    const tools = toolsOf(world.cloud, world.clock)
    const about = aboutOf(scenario)
    const first = await scenario.runbook.look(tools, about)
    expect(first.stop).toBeUndefined()
    const { scope } = first
    expect(scope!.words).toMatch(/\w/)
    expect(Object.keys({ ...scope!.on, ...scope!.bounds })).not.toEqual([])
    const second = await scenario.runbook.look(tools, { ...about, approved: scope! })
    expect(whyAskAgain(scope, { ...second, scope: second.scope! })).toBeUndefined()
    const steps = (facts: unknown) => scenario.runbook.steps(facts, about).map(({ name, calls }) => [name, calls])
    expect(steps(second.facts)).toEqual(steps(first.facts))
  })
})

const ECS: Target = { ecs: { cluster: 'ml', service: 'athena', roles: [] } }
const GROUP: Target = { autoScaling: { group: 'workers' } }

interface Changed {
  runbook: string
  target: Target
  options?: Record<string, unknown>
  made: Small
  /** Between the look and the act. */
  change(made: Small): void
}

/** The question that the second look leads to, if any. */
async function askedAgain({ runbook: name, target, options = {}, made, change }: Changed): Promise<string | undefined> {
  const runbook = runbookOf(name)
  const about = aboutOf({ runbook, target, options } as Scenario)
  made.catchUp()
  const tools = toolsOf(made.cloud, made.clock)
  const { scope } = await runbook.look(tools, about)
  change(made)
  const now = await runbook.look(tools, { ...about, approved: scope! })
  return whyAskAgain(scope, { ...now, scope: now.scope! })
}

test.each<[string, Omit<Changed, 'made'> & { made: () => Small }, string]>([
  [
    'another revision of an ECS service',
    { runbook: 'rolling-restart', target: ECS, made: () => small({ athena: asTasks() }), change: deploySomething },
    'revision: athena:1 when it was approved, athena:2 now',
  ],
  [
    'another number of tasks to add to',
    {
      runbook: 'add-capacity',
      target: ECS,
      options: { max: 20 },
      made: () => small({ athena: asTasks() }),
      change: ({ athena }) => void (athena.fleet.desired = 8),
    },
    'tasks: 4 when it was approved, 8 now',
  ],
  [
    'another number of instances to add to',
    {
      runbook: 'add-capacity',
      target: GROUP,
      options: { max: 20 },
      made: () => small({ athena: asInstances() }),
      change: ({ athena }) => void (athena.fleet.desired = 8),
    },
    'instances: 4 when it was approved, 8 now',
  ],
  [
    'another template for new instances',
    {
      runbook: 'rolling-restart',
      target: GROUP,
      made: () => small({ athena: asInstances() }),
      change({ apis }) {
        const describe = apis.autoscaling['DescribeAutoScalingGroups']!
        apis.autoscaling['DescribeAutoScalingGroups'] = (input) => {
          const { AutoScalingGroups } = describe(input) as { AutoScalingGroups: object[] }
          const LaunchTemplate = { LaunchTemplateName: 'workers', Version: '8' }
          return { AutoScalingGroups: AutoScalingGroups.map((one) => ({ ...one, LaunchTemplate })) }
        }
      },
    },
    'launch template: no launch template when it was approved, workers, version 8 now',
  ],
])('people are asked again about %s', async (_, changed, why) => {
  expect(await askedAgain({ ...changed, made: changed.made() })).toContain(why)
})

test('a parameter keeps the new value that was approved, and one that somebody has set is asked about', async () => {
  const runbook = runbookOf('cut-connection-timeout')
  const target: Target = { ...ECS, timeout: { parameter: '/t', unit: 'seconds' } }
  const made = small({ athena: asTasks() })
  const put = (Value: string) => made.apis.ssm['PutParameter']!({ Name: '/t', Value, Type: 'String', Overwrite: true })
  put('60')
  const about = aboutOf({ runbook, target, options: {}, callers: { api: 10 } } as unknown as Scenario)
  const tools = toolsOf(made.cloud, made.clock)
  made.catchUp()
  const { scope } = await runbook.look(tools, about)
  expect(scope!.on).toMatchObject({ parameter: '/t', timeout: '60', 'new timeout': '5' })
  // Callers wait less by now: a look of its own would choose another value.
  const later = await runbook.look(tools, { ...about, callers: { api: 5 }, approved: scope! })
  expect(whyAskAgain(scope, { ...later, scope: later.scope! })).toBeUndefined()
  put('30')
  const now = await runbook.look(tools, { ...about, approved: scope! })
  expect(whyAskAgain(scope, { ...now, scope: now.scope! })).toBe('timeout: 60 when it was approved, 30 now')
})

describe('what was chosen stays chosen', () => {
  const memory = (percents: number[]): Small => {
    const made = small({ athena: asTasks({ memoryMiB: 2048, memoryBaseMiB: 0 }) })
    made.catchUp()
    set(made, percents)
    return made
  }
  function set({ athena, clock, catchUp }: Small, percents: number[]): void {
    athena.fleet.workers.forEach((worker, place) => (worker.leakedMiB = 20.48 * percents[place]!))
    clock.now += 120_000
    catchUp()
  }
  const approved = async (made: Small, then: (made: Small) => void): Promise<[Scope, Look<unknown>]> => {
    const runbook = runbookOf('relieve-memory')
    const about = aboutOf({ runbook, target: ECS, options: {} } as unknown as Scenario)
    const tools = toolsOf(made.cloud, made.clock)
    const { scope } = await runbook.look(tools, about)
    then(made)
    return [scope!, await runbook.look(tools, { ...about, approved: scope! })]
  }

  test('the task, although another one holds more memory by then', async () => {
    const made = memory([40, 40, 96, 40])
    const [scope, now] = await approved(made, () => set(made, [98, 40, 96, 40]))
    expect(scope.on['task']).toBe(made.ids()[2])
    expect(now.stop).toBeUndefined()
    expect(now.scope).toEqual(scope)
  })

  test('and if that one is gone, nothing is done to another', async () => {
    const made = memory([40, 40, 96, 40])
    const third = made.ids()[2]!
    const [, now] = await approved(made, ({ athena, world, clock, catchUp }) => {
      athena.fleet.kill(third, world.second)
      clock.now += 120_000
      catchUp()
    })
    expect(now.stop).toBe(`the task ${third} does not run any more`)
  })

  test('the disks and paths: a second one that is full by then waits for its own question', async () => {
    const runbook = runbookOf('free-disk')
    const target: Target = {
      ec2: { instances: ['i-1', 'i-2'], clean: ['/var/log/a/*.gz', '/var/log/b/*.gz'], paths: ['/'] },
    }
    const about: Case<Record<string, unknown>> = aboutOf({ runbook, target, options: {} } as unknown as Scenario)
    /** `df` and what may be cleaned on both machines. */
    let free: Record<string, number> = { 'i-1': 5, 'i-2': 50 }
    const print = (id: string): string =>
      [`disk 100000000000 ${free[id]! * 1e9} /`, 'clean 0 1000000000 7 /', 'clean 1 0 0 /', 'tocsin end'].join('\n')
    const clock = { now: SINCE }
    const cloud = fakeCloud({
      ssm: {
        SendCommand: () => ({ Command: { CommandId: 'c-1' } }),
        ListCommandInvocations: () => ({
          CommandInvocations: ['i-1', 'i-2'].map((InstanceId) => ({
            CommandId: 'c-1',
            InstanceId,
            Status: 'Success',
          })),
        }),
        GetCommandInvocation: ({ InstanceId }: { InstanceId: string }) => ({
          StandardOutputContent: print(InstanceId),
        }),
      },
    })
    const tools = toolsOf(cloud, clock)
    const { scope } = await runbook.look(tools, about)
    expect(scope!.words).toBe('7 files (954 MiB) in /var/log/a/*.gz of i-1, not written to since 11:10 UTC')
    free = { 'i-1': 5, 'i-2': 3 }
    const now = await runbook.look(tools, { ...about, approved: scope! })
    expect(whyAskAgain(scope, { ...now, scope: now.scope! })).toBeUndefined()
    expect(runbook.steps(now.facts, about)[0]!.calls.join()).not.toContain('i-2')
  })
})
