// "Done" is compared with what was meant, machine by machine; and what others do meanwhile is not taken for our own.
import type { Target } from '../../lambda/core/services/config.ts'
import { cleanStep } from '../../lambda/runbooks/free-disk/clean.ts'
import type { Cleanable, Disk } from '../../lambda/runbooks/free-disk/disk.ts'
import { growSteps } from '../../lambda/runbooks/free-disk/volumes.ts'
import { PRECONDITIONS as MEMORY } from '../../lambda/runbooks/relieve-memory/unit.ts'
import { fakeCloud, SINCE, toolsOf, type FakeCloud } from './fakes/cloud.ts'
import { asInstances, small } from './fakes/world.ts'
import { aboutThe, GROUP, look, withUnit } from './look.ts'

const GIB = 1024 ** 3
const END = 'tocsin end'

const disk = (machine: string, mount: string, more: Partial<Disk> = {}): Disk => ({
  machine,
  mount,
  size: 100 * GIB,
  available: GIB,
  inodes: { total: 1000, free: 500 },
  ...more,
})
const files = (machine: string, path: string, mount: string): Cleanable => ({
  machine,
  path,
  mount,
  bytes: 30 * GIB,
  files: 500,
})

describe('free-disk cleans', () => {
  const short = [disk('i-1', '/'), disk('i-2', '/data')]
  const cleanable = [files('i-1', '/var/log/app', '/'), files('i-2', '/data/cache', '/data')]
  const target: Target = { ec2: { instances: ['i-1', 'i-2'], clean: [], paths: ['/', '/data'] } }

  /** What each machine prints after it has cleaned. */
  async function cleaned(printed: Record<string, string>, of = short): Promise<{ said: string; cloud: FakeCloud }> {
    const cloud = fakeCloud({
      ssm: {
        ListCommands: () => ({}),
        SendCommand: ({ InstanceIds }: { InstanceIds: string[] }) => ({ Command: { CommandId: InstanceIds.join() } }),
        ListCommandInvocations: ({ CommandId }: { CommandId: string }) => ({
          CommandInvocations: [{ InstanceId: CommandId, Status: 'Success' }],
        }),
        GetCommandInvocation: ({ InstanceId }: { InstanceId: string }) => ({
          StandardOutputContent: `${printed[InstanceId]}\n${END}`,
        }),
      },
    })
    const { about } = aboutThe('free-disk', { target })
    const step = cleanStep({ short: of, cleanable, grow: [], before: 0 }, about as never)
    const tools = toolsOf(cloud, { now: SINCE })
    const first = await step.turn(tools, undefined)
    const last = 'going' in first ? step.turn(tools, first.state) : Promise.resolve(first)
    const said = await last.then(
      (went) => ('done' in went ? `done: ${went.done}` : went.going),
      (error: Error) => `failed: ${error.message}`,
    )
    return { said, cloud }
  }
  const freed = (gib: number, mount: string, left = 0, problem = '') =>
    [`clean 0 0 ${left} ${mount}`, `disk ${100 * GIB} ${gib * GIB} ${mount}`, `inodes 1000 900 ${mount}`, problem].join(
      '\n',
    )

  test('each machine only what was named there', async () => {
    const { said, cloud } = await cleaned({ 'i-1': freed(31, '/'), 'i-2': freed(31, '/data') })
    expect(said).toBe('done: / of i-1 has 31 GiB free; /data of i-2 has 31 GiB free')
    const sent = cloud.calls.filter(({ action }) => action === 'SendCommand')
    const removes = sent.map(({ input }) => {
      const { commands } = input['Parameters'] as { commands: string[] }
      return [input['InstanceIds'], commands.join('\n').match(/find '([^']+)' \S+ \S+ 1[^\n]*-delete/)?.[1]]
    })
    expect(removes).toEqual([
      [['i-1'], '/var/log/app'],
      [['i-2'], '/data/cache'],
    ])
  })

  test.each<[string, Record<string, string>, string]>([
    [
      'nothing came free, although files are gone and inodes are back',
      { 'i-1': freed(1, '/'), 'i-2': freed(31, '/data') },
      'failed: 500 files, 30 GiB were removed on i-1, and nothing came free on /: something else fills it, or a process holds them; /data of i-2 has 31 GiB free',
    ],
    [
      'one machine removed nothing',
      { 'i-1': freed(31, '/'), 'i-2': freed(1, '/data', 500, 'problem find: Read-only file system') },
      'failed: 0 of 500 files on i-2 could be removed (find: Read-only file system); / of i-1 has 31 GiB free',
    ],
    [
      'one does not say how it is now',
      { 'i-1': freed(31, '/'), 'i-2': 'clean 0 0 0 /data' },
      'failed: nobody knows how much is free on /data of i-2 now; / of i-1 has 31 GiB free',
    ],
  ])('it is not done where %s', async (_, printed, said) => {
    expect((await cleaned(printed)).said).toBe(said)
  })

  test('where inodes were short, they count', async () => {
    const scarce = short.map((one) => ({ ...one, available: 60 * GIB, inodes: { total: 1000, free: 0 } }))
    const { said } = await cleaned({ 'i-1': freed(60, '/'), 'i-2': freed(60, '/data') }, scarce)
    expect(said).toContain('done: ')
  })
})

test('a change of a volume that failed before this run is not its own', async () => {
  const old = {
    ModificationState: 'failed',
    TargetSize: 125,
    StatusMessage: 'quota',
    StartTime: new Date(SINCE - 1000),
  }
  const cloud = fakeCloud({
    ec2: {
      DescribeVolumes: () => ({ Volumes: [{ VolumeId: 'vol-1', Size: 100 }] }),
      DescribeVolumesModifications: () => ({ VolumesModifications: [old] }),
      ModifyVolume: () => ({}),
    },
  })
  const { about } = aboutThe('free-disk', { target: {} })
  const volume = { id: 'vol-1', machine: 'i-1', mount: '/', size: 1, gib: 100, next: 125 }
  const [step] = growSteps(volume, about as never)
  expect(await step!.turn(toolsOf(cloud, { now: SINCE }), undefined)).toMatchObject({ going: 'vol-1 grows to 125 GiB' })
  expect(cloud.calls.map(({ action }) => action)).toContain('ModifyVolume')
  old.StartTime = new Date(SINCE + 1000)
  await expect(step!.turn(toolsOf(cloud, { now: SINCE }), undefined)).rejects.toThrow('vol-1 could not grow: quota')
})

test("somebody else's instance refresh is neither ours nor cancelled", async () => {
  const made = small({ athena: asInstances() })
  const { runbook, about } = aboutThe('rolling-restart', { target: GROUP })
  const tools = toolsOf(made.cloud, made.clock)
  const { facts } = await runbook.look(tools, about)
  const [step] = runbook.steps(facts, about)
  made.clock.now += 2000
  made.catchUp()
  made.apis.autoscaling['StartInstanceRefresh']!({
    AutoScalingGroupName: 'workers',
    Preferences: { MinHealthyPercentage: 90 },
  })
  expect(await step!.ready!(tools)).toBe('an instance refresh is in progress')
  expect(await step!.undo!.turn(tools, undefined)).toEqual({ done: 'no instance refresh is in progress' })
  expect(made.cloud.calls.map(({ action }) => action)).not.toContain('CancelInstanceRefresh')
})

test('what systemd of Amazon Linux 2 prints where it does not count memory is no number', async () => {
  const output = [
    ...[
      'LoadState=loaded',
      'ActiveState=active',
      'MemoryCurrent=18446744073709551615',
      'MemTotal:100',
      'MemAvailable:5',
    ],
    END,
  ].join('\n')
  const target: Target = { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } }
  const { stop } = await look({ runbook: 'relieve-memory', target, made: withUnit('a.service', output) })
  expect(stop).toContain('set MemoryAccounting=yes')
  expect(MEMORY.length).toBeGreaterThan(0)
})

test('metric math is read in whole periods of its longest part', async () => {
  const cloud = fakeCloud({
    cloudwatch: {
      DescribeAlarms: () => ({
        MetricAlarms: [
          {
            AlarmName: 'x',
            Threshold: 5,
            ComparisonOperator: 'GreaterThanThreshold',
            Metrics: [
              { Id: 'a', MetricStat: { Period: 300 } },
              { Id: 'e', ReturnData: true },
            ],
          },
        ],
      }),
      GetMetricData: () => ({ MetricDataResults: [] }),
    },
  })
  const { runbook, about } = aboutThe('rolling-restart', { target: GROUP })
  await runbook.healthy(
    toolsOf(cloud, { now: SINCE + 360_000 }),
    { ...about, alarm: { name: 'x', dimensions: {} } },
    {},
  )
  const asked = cloud.calls.find(({ action }) => action === 'GetMetricData')
  expect(asked!.input['EndTime']).toEqual(new Date(SINCE + 300_000))
})
