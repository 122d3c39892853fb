// The AWS of the simulated world answers the runbooks' calls, and refuses all others loudly.
import { describe, expect, test } from '@jest/globals'
import { apisOf, cloudPort } from '../../drill/world/ports/cloud.ts'
import { simulate, type SimulatedWorld } from '../../drill/world/world.ts'
import { Refused, type Cloud } from '../../lambda/ports/tools.ts'
import { cleanLines, growLines, lookLines, readLook } from '../../lambda/runbooks/free-disk/scripts.ts'
import { planOf, runFor } from './worlds.ts'

const INSTANT = { now: () => 0, sleep: async () => undefined }

function made(): { world: SimulatedWorld; cloud: Cloud } {
  const world = simulate(
    planOf({
      services: {
        api: {
          requestsPerSecond: 10,
          workers: { count: 2, startSeconds: 10 },
          ecs: { cluster: 'c', service: 'api', environment: { A: '1' } },
        },
        group: {
          requestsPerSecond: 1,
          workers: { count: 3, startSeconds: 20 },
          autoScaling: { group: 'asg', maximum: 4 },
        },
        billing: { requestsPerSecond: 1, systemd: { unit: 'billing', instances: ['i-1'] } },
      },
      instances: {
        'i-1': {
          disks: {
            '/': {
              volume: 'vol-1',
              sizeMiB: 10_240,
              folders: { '/usr': 2048, '/var/log/billing/old': 5120, '/var/log/billing/a.gz': 1024 },
            },
          },
        },
      },
      databases: { db: { allocatedMiB: 102_400, usedMiB: 1024 } },
      parameters: { '/api/timeout': '60' },
      events: [{ at: 1, does: 'write', instance: 'i-1', folder: '/var/log/billing/old', mibPerSecond: 1 }],
    }),
  )
  runFor(world, 5)
  return { world, cloud: cloudPort(world, INSTANT) }
}

describe('ECS', () => {
  const where = { cluster: 'c', service: 'api' }

  test('deploys a new revision, task by task, and says how far it is', async () => {
    const { world, cloud } = made()
    const { taskDefinition } = await cloud.call<{ taskDefinition: Record<string, unknown> }>(
      'ecs',
      'DescribeTaskDefinition',
      { taskDefinition: 'api' },
    )
    const containerDefinitions = [{ name: 'api', environment: [{ name: 'A', value: '2' }] }]
    const registered = await cloud.call<{ taskDefinition: { taskDefinitionArn: string } }>(
      'ecs',
      'RegisterTaskDefinition',
      {
        ...taskDefinition,
        containerDefinitions,
        memory: '2048',
      },
    )
    await cloud.call('ecs', 'UpdateService', { ...where, taskDefinition: registered.taskDefinition.taskDefinitionArn })
    const deployments = async () =>
      (
        await cloud.call<{ services: { deployments: object[] }[] }>('ecs', 'DescribeServices', {
          cluster: 'c',
          services: ['api'],
        })
      ).services[0]!.deployments
    runFor(world, 3)
    expect(await deployments()).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, { runningCount: 2 }])
    runFor(world, 30)
    expect(await deployments()).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2, desiredCount: 2 }])
    expect(world.services.get('api')!.fleet.workers[0]!.revision).toMatchObject({
      environment: { A: '2' },
      memoryMiB: 2048,
    })
  })

  test('replaces a task that was stopped', async () => {
    const { world, cloud } = made()
    const listed = () => cloud.call<{ taskArns: string[] }>('ecs', 'ListTasks', { cluster: 'c', serviceName: 'api' })
    const [first] = (await listed()).taskArns
    await cloud.call('ecs', 'StopTask', { cluster: 'c', task: first })
    runFor(world, 20)
    const after = (await listed()).taskArns
    expect(after).toHaveLength(2)
    expect(after).not.toContain(first)
  })

  test('lists in pages, and none is missing', async () => {
    const { world } = made()
    const { ListTasks } = apisOf(world, 1).ecs
    const first = ListTasks!({ cluster: 'c', serviceName: 'api' }) as { taskArns: string[]; nextToken: string }
    const second = ListTasks!({ cluster: 'c', serviceName: 'api', nextToken: first.nextToken })
    expect(first.taskArns).toHaveLength(1)
    expect(second).toEqual({ taskArns: [expect.not.stringContaining(first.taskArns[0]!)] })
  })

  interface Seen {
    services: { runningCount: number; pendingCount: number; deployments: { failedTasks: number }[] }[]
  }
  const seen = async (cloud: Cloud): Promise<Seen['services'][number]> =>
    (await cloud.call<Seen>('ecs', 'DescribeServices', { cluster: 'c', services: ['api'] })).services[0]!

  test('starts a task only after a while; it runs before it gets requests', async () => {
    const { world, cloud } = made()
    const { fleet } = world.services.get('api')!
    fleet.desired = 3
    runFor(world, 8)
    expect(await seen(cloud)).toMatchObject({ runningCount: 2, pendingCount: 0 })
    runFor(world, 1)
    expect(await seen(cloud)).toMatchObject({ runningCount: 2, pendingCount: 1 })
    runFor(world, 5)
    expect(await seen(cloud)).toMatchObject({ runningCount: 3, pendingCount: 0 })
    expect(fleet.ready()).toHaveLength(2)
    runFor(world, 5)
    expect(fleet.ready()).toHaveLength(3)
  })

  test('counts new tasks that fail, until one comes up', async () => {
    const { world, cloud } = made()
    const { fleet } = world.services.get('api')!
    fleet.breaks = 'it exits'
    fleet.deploy(fleet.deployments[0]!.revision, world.second)
    runFor(world, 25)
    expect((await seen(cloud)).deployments).toMatchObject([{ failedTasks: 2, rolloutState: 'IN_PROGRESS' }, {}])
    expect(fleet.ready()).toHaveLength(2)
    delete fleet.breaks
    runFor(world, 40)
    expect((await seen(cloud)).deployments).toMatchObject([{ failedTasks: 0, rolloutState: 'COMPLETED' }])
  })

  test.each([
    [
      'ecs',
      'DescribeServices',
      { cluster: 'c', services: ['nope'] },
      { services: [], failures: [{ arn: 'nope', reason: 'MISSING' }] },
    ],
    [
      'ecs',
      'DescribeTasks',
      { cluster: 'c', tasks: ['nope'] },
      { tasks: [], failures: [{ arn: 'nope', reason: 'MISSING' }] },
    ],
    ['ecs', 'DescribeTasks', { cluster: 'c', tasks: Array(101).fill('nope') }, Refused],
    ['ecs', 'StopTask', { cluster: 'c', task: 'nope' }, Refused],
    ['ecs', 'UpdateService', { cluster: 'x', service: 'api' }, Refused],
    ['autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'asg', DesiredCapacity: 5 }, Refused],
    ['autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'asg', DesiredCapacity: 0 }, Refused],
    ['ssm', 'GetParameter', { Name: '/none' }, Refused],
    ['ec2', 'ModifyVolume', { VolumeId: 'vol-1', Size: 1 }, Refused],
    ['sqs', 'PurgeQueue', {}, Refused],
    ['ecs', 'DeleteCluster', {}, Refused],
  ] as const)('%s %s', async (service, action, input, expected) => {
    const answer = made().cloud.call(service, action, input)
    if (typeof expected === 'function') await expect(answer).rejects.toThrow(expected)
    else expect(await answer).toMatchObject(expected)
  })
})

test('an Auto Scaling group is refreshed, never below its minimum', async () => {
  const { world, cloud } = made()
  const name = { AutoScalingGroupName: 'asg' }
  await cloud.call('autoscaling', 'StartInstanceRefresh', {
    ...name,
    Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 134 },
  })
  const state = () =>
    cloud.call<{ InstanceRefreshes: { Status: string }[] }>('autoscaling', 'DescribeInstanceRefreshes', name)
  const ready: number[] = []
  for (let i = 0; i < 150; i++) {
    world.tick()
    ready.push(world.services.get('group')!.fleet.ready().length)
    if (i === 10) expect(await state()).toMatchObject({ InstanceRefreshes: [{ Status: 'InProgress' }] })
  }
  expect(Math.min(...ready)).toBe(3)
  expect(await state()).toMatchObject({ InstanceRefreshes: [{ Status: 'Successful', PercentageComplete: 100 }] })
})

describe('an instance refresh', () => {
  const name = { AutoScalingGroupName: 'asg' }
  const start = (cloud: Cloud, min: number, max: number) =>
    cloud.call('autoscaling', 'StartInstanceRefresh', {
      ...name,
      Preferences: { MinHealthyPercentage: min, MaxHealthyPercentage: max },
    })
  const statusOf = async (cloud: Cloud): Promise<string> =>
    (await cloud.call<{ InstanceRefreshes: { Status: string }[] }>('autoscaling', 'DescribeInstanceRefreshes', name))
      .InstanceRefreshes[0]!.Status

  test.each([
    ['launches one first, however small the share', 100, 110, 3],
    ['goes without one, however small the share', 90, 100, 2],
  ])('%s', async (_, min, max, fewest) => {
    const { world, cloud } = made()
    await start(cloud, min, max)
    let least = Infinity
    for (let i = 0; i < 150; i++) {
      world.tick()
      least = Math.min(least, world.services.get('group')!.fleet.ready().length)
    }
    expect(least).toBe(fewest)
    expect(await statusOf(cloud)).toBe('Successful')
  })

  test('that is cancelled waits for the instances that come and go', async () => {
    const { world, cloud } = made()
    await start(cloud, 100, 110)
    runFor(world, 5)
    await cloud.call('autoscaling', 'CancelInstanceRefresh', name)
    expect(await statusOf(cloud)).toBe('Cancelling')
    await expect(start(cloud, 100, 110)).rejects.toThrow(Refused)
    runFor(world, 60)
    expect(await statusOf(cloud)).toBe('Cancelled')
    expect(world.services.get('group')!.fleet.workers).toHaveLength(3)
  })

  test('tells why instances could not be launched', async () => {
    const { world, cloud } = made()
    world.services.get('group')!.fleet.breaks = 'the AMI is not there'
    await start(cloud, 100, 110)
    runFor(world, 30)
    const { Activities } = await cloud.call<{ Activities: { StatusCode: string; StatusMessage?: string }[] }>(
      'autoscaling',
      'DescribeScalingActivities',
      name,
    )
    expect(Activities.find(({ StatusCode }) => StatusCode === 'Failed')?.StatusMessage).toBe('the AMI is not there')
  })
})

test('storage of a database can be used after a while, and not be changed again for hours', async () => {
  const { world, cloud } = made()
  const modify = (AllocatedStorage: number) =>
    cloud.call('rds', 'ModifyDBInstance', { DBInstanceIdentifier: 'db', AllocatedStorage })
  const described = async () =>
    (await cloud.call<{ DBInstances: object[] }>('rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'db' }))
      .DBInstances
  await modify(125)
  expect(await described()).toMatchObject([{ DBInstanceStatus: 'modifying', AllocatedStorage: 100 }])
  await expect(modify(150)).rejects.toThrow(Refused)
  runFor(world, 25)
  expect(await described()).toMatchObject([{ DBInstanceStatus: 'storage-optimization', AllocatedStorage: 125 }])
  await expect(modify(150)).rejects.toThrow(Refused)
})

describe('a machine', () => {
  const ec2 = { instances: ['i-1'], clean: ['/var/log/billing/old', '/var/log/billing/*.gz'], paths: ['/'] }
  const MIB = 1024 ** 2

  const hourAgo = ({ plan, second }: SimulatedWorld): number => Date.parse(plan.start) / 1000 + second - 3600

  async function shell(cloud: Cloud, world: SimulatedWorld, lines: string[]): Promise<string> {
    const { Command } = await cloud.call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: ['i-1'],
      Parameters: { commands: lines },
    })
    runFor(world, 30)
    const { Status, StandardOutputContent } = await cloud.call<{ Status: string; StandardOutputContent: string }>(
      'ssm',
      'GetCommandInvocation',
      { CommandId: Command.CommandId, InstanceId: 'i-1' },
    )
    expect(Status).toBe('Success')
    return StandardOutputContent
  }

  test('says what is on its disk, and cleans what is old enough', async () => {
    const { world, cloud } = made()
    const seen = readLook({ 'i-1': await shell(cloud, world, lookLines(ec2, hourAgo(world))) }, ec2.clean)
    expect(seen.disks).toMatchObject([
      { machine: 'i-1', mount: '/', size: 10_240 * MIB, device: { chain: [{ type: 'part' }, { serial: 'vol1' }] } },
    ])
    expect(seen.cleanable).toMatchObject([
      { path: '/var/log/billing/old', bytes: 5120 * MIB },
      { path: '/var/log/billing/*.gz', bytes: 1024 * MIB },
    ])
    const after = readLook({ 'i-1': await shell(cloud, world, cleanLines(ec2, hourAgo(world))) }, ec2.clean)
    // Files written during the drill are less than an hour old.
    expect(after.disks[0]!.available).toBe((10_240 - 2048 - 35) * MIB)
  })

  test('grows a volume, then its file system', async () => {
    const { world, cloud } = made()
    await cloud.call('ec2', 'ModifyVolume', { VolumeId: 'vol-1', Size: 20 })
    runFor(world, 10)
    expect(await cloud.call('ec2', 'DescribeVolumesModifications', { VolumeIds: ['vol-1'] })).toMatchObject({
      VolumesModifications: [{ ModificationState: 'optimizing', TargetSize: 20 }],
    })
    expect(await cloud.call('ec2', 'DescribeVolumes', { VolumeIds: ['vol-1'] })).toMatchObject({
      Volumes: [{ Size: 20 }],
    })
    const grown = readLook({ 'i-1': await shell(cloud, world, growLines('vol-1', '/')) }, [])
    expect(grown.disks).toMatchObject([{ size: 20 * 1024 * MIB }])
  })

  test('fails a line that it does not know', async () => {
    const { world, cloud } = made()
    await expect(shell(cloud, world, ['rm -rf /'])).rejects.toThrow()
  })
})
