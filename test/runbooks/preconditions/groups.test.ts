// What an Auto Scaling group must be: for a refresh, a fresh start of the instance that uses most memory, and more instances.
import { PRECONDITIONS as GROWN } from '../../../lambda/runbooks/add-capacity/group.ts'
import { REFRESHED } from '../../../lambda/runbooks/parts/group.ts'
import { PRECONDITIONS as RECYCLED } from '../../../lambda/runbooks/relieve-memory/instance.ts'
import { asInstances, killOne, type Small } from '../fakes/world.ts'
import { GROUP, having, look, unmeasured, withGroup, withGroupOf, type Setting } from '../look.ts'
import { stopTheLook, type Row } from './rules.ts'

type About = Pick<Setting, 'runbook' | 'target' | 'options'>

const refresh = ({ apis }: Small): void =>
  void apis.autoscaling['StartInstanceRefresh']!({ AutoScalingGroupName: 'workers' })
const none = ({ athena }: Small): void => void (athena.fleet.desired = 0)

const shared = (about: About): Row[] => [
  [
    'Status of DescribeInstanceRefreshes',
    'a refresh is in progress',
    { ...about, made: withGroup(refresh) },
    'an instance refresh is in progress',
  ],
  [
    'DesiredCapacityType',
    'processors are counted',
    { ...about, made: withGroupOf(() => ({ DesiredCapacityType: 'vcpu' })) },
    'its capacity is counted in vcpu, not in instances',
  ],
  ['DesiredCapacity', 'scaled to nothing', { ...about, made: withGroup(none) }, 'it is scaled to no instances'],
  [
    'SuspendedProcesses[]',
    'Launch is suspended',
    { ...about, made: withGroupOf(() => ({ SuspendedProcesses: [{ ProcessName: 'Launch' }] })) },
    'its process Launch is suspended: resume it first',
  ],
]

const replaced = (about: About): Row[] => [
  ...shared(about),
  [
    'Instances[].LifecycleState, HealthStatus',
    'one is gone',
    { ...about, made: withGroup(killOne) },
    '3 of 4 instances are in service: Auto Scaling is replacing some already',
  ],
]

/** The first instance is different. */
const first = (changed: object) =>
  withGroupOf(({ Instances: [one, ...others] }) => ({ Instances: [{ ...one!, ...changed }, ...others] }))

describe('rolling-restart', () => {
  const about: About = { runbook: 'rolling-restart', target: GROUP }
  stopTheLook('rolling-restart', REFRESHED, [
    ...replaced(about),
    [
      'Instances[].ProtectedFromScaleIn',
      'one is protected',
      { ...about, made: first({ ProtectedFromScaleIn: true }) },
      'is protected from scale-in, and an instance refresh would wait an hour',
    ],
    [
      'Instances[].LifecycleState',
      'one more is on standby',
      {
        ...about,
        made: withGroupOf(({ Instances }) => ({
          Instances: [...Instances, { InstanceId: 'i-5', LifecycleState: 'Standby', HealthStatus: 'Healthy' }],
        })),
      },
      'i-5 is on standby',
    ],
  ])

  test('weights count, where instances have them', async () => {
    const weighted = (DesiredCapacity: number) =>
      withGroupOf(({ Instances }) => ({
        DesiredCapacity,
        Instances: Instances.map((one) => ({ ...one, WeightedCapacity: '4' })),
      }))
    expect((await look({ ...about, made: weighted(16) })).stop).toBeUndefined()
    expect((await look({ ...about, made: weighted(20) })).stop).toContain('16 of 20 instances are in service')
  })

  test('no such group', async () => {
    const { stop } = await look({ ...about, target: { autoScaling: { group: 'x' } }, made: withGroup() })
    expect(stop).toContain('there is no Auto Scaling group x')
  })
})

describe('relieve-memory', () => {
  const about: About = { runbook: 'relieve-memory', target: GROUP }
  const APPROVED = 'Instances[].InstanceId'
  stopTheLook(
    'relieve-memory',
    RECYCLED.filter(({ field }) => field !== APPROVED),
    [
      ...replaced(about),
      [
        'the metric perMachine, of GetMetricData',
        'nothing measures it',
        { ...about, made: withGroup(unmeasured) },
        'install the CloudWatch agent',
      ],
      [
        'the metric perMachine, of GetMetricData',
        'little',
        { ...about, made: having({ athena: asInstances({ memoryMiB: 1000, memoryBaseMiB: 300 }) }) },
        'no instance uses more than 70 %',
      ],
      [
        'Instances[].ProtectedFromScaleIn',
        'protected',
        {
          ...about,
          made: withGroupOf(({ Instances }) => ({
            Instances: Instances.map((one) => ({ ...one, ProtectedFromScaleIn: true })),
          })),
        },
        'is protected from scale-in: take that off, or replace it by hand',
      ],
    ],
  )

  test('the instance that was approved is gone', () => {
    const { stops } = RECYCLED.find(({ field }) => field === APPROVED)!
    const group = { Instances: [{ InstanceId: 'i-2', LifecycleState: 'InService', HealthStatus: 'Healthy' }] }
    const seen = (wanted: string) => ({ group, wanted, refreshes: [], worst: undefined, options: {} }) as never
    expect(stops(seen('i-1'))).toBe('the instance i-1 is not in service any more')
    expect(stops(seen('i-2'))).toBeUndefined()
  })
})

describe('add-capacity', () => {
  const about: About = { runbook: 'add-capacity', target: GROUP, options: { max: 99 } }
  stopTheLook('add-capacity', GROWN, [
    ...shared(about),
    [
      'DesiredCapacity, MaxSize',
      "at the group's own most",
      { ...about, made: withGroup(({ athena }) => void (athena.fleet.desired = 10)) },
      'it has 10 of at most 10 instances',
    ],
    [
      'DesiredCapacity, MaxSize',
      "at the option's most",
      { ...about, options: { max: 4 }, made: withGroup() },
      'it has 4 of at most 4 instances',
    ],
  ])
})
