// What a service of ECS must be: for a restart, a new revision, more tasks, and a fresh start of the task that uses most memory.
import { PRECONDITIONS as GROWN } from '../../../lambda/runbooks/add-capacity/ecs.ts'
import { PRECONDITIONS as VARIABLES } from '../../../lambda/runbooks/cut-connection-timeout/environment.ts'
import { DEPLOYED, REPLACED } from '../../../lambda/runbooks/parts/ecs/rules.ts'
import { PRECONDITIONS as RECYCLED, RAISED } from '../../../lambda/runbooks/relieve-memory/ecs.ts'
import { asTasks, deploySomething, killOne, ROLES } from '../fakes/world.ts'
import { ECS, having, look, VARIABLE, withService, withTasks, withVariable, type Setting } from '../look.ts'
import { stopTheLook, type Row } from './rules.ts'

type About = Pick<Setting, 'runbook' | 'target' | 'options' | 'callers'>

const ELSEWHERE = { ecs: { cluster: 'ml', service: 'athen' } }
const DEPLOYMENT = { id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'athena:1', desiredCount: 4, runningCount: 4 }

const isThere = (about: About): Row => [
  'status',
  'no such service',
  { ...about, target: { ...about.target, ...ELSEWHERE }, made: withTasks() },
  'there is no ECS service athen in the cluster ml; check target.ecs in the config',
]

const isMoving = (about: About): Row[] => [
  [
    'status',
    'deleted',
    { ...about, made: withService({ status: 'INACTIVE' }) },
    'there is no ECS service athena in the cluster ml',
  ],
  ['deployments[]', 'somebody deploys', { ...about, made: withTasks(deploySomething) }, 'a deployment is in progress'],
  [
    'deployments[].rolloutState',
    'the first deployment is not over',
    { ...about, made: withService({ deployments: [{ ...DEPLOYMENT, rolloutState: 'IN_PROGRESS' }] }) },
    'a deployment is in progress',
  ],
  [
    'desiredCount',
    'scaled to nothing',
    { ...about, made: withTasks(undefined, ({ athena }) => void (athena.fleet.desired = 0)) },
    'it is scaled to no tasks',
  ],
]

const replaced = (about: About): Row[] => [
  isThere(about),
  ...isMoving(about),
  [
    'deploymentController.type',
    'CodeDeploy',
    {
      ...about,
      made: withService({
        deploymentController: { type: 'CODE_DEPLOY' },
        deployments: undefined,
        taskSets: [{ status: 'PRIMARY', taskDefinition: 'task-definition/athena:1' }],
      }),
    },
    'CodeDeploy deploys it (CODE_DEPLOY)',
  ],
  [
    'deploymentController.type',
    'a controller of their own, which knows no task definition',
    {
      ...about,
      made: withService({ deploymentController: { type: 'EXTERNAL' }, deployments: [], taskDefinition: undefined }),
    },
    'a controller outside of ECS deploys it (EXTERNAL)',
  ],
  ['runningCount, pendingCount', 'a task is missing', { ...about, made: withTasks(killOne) }, '3 of 4 tasks run'],
  [
    'runningCount, pendingCount',
    'one starts',
    { ...about, made: withService({ pendingCount: 1 }) },
    'ECS is replacing some already',
  ],
]

describe('rolling-restart', () =>
  stopTheLook('rolling-restart', REPLACED, replaced({ runbook: 'rolling-restart', target: ECS })))

describe('relieve-memory', () => {
  const about: About = { runbook: 'relieve-memory', target: ECS }
  const small = having({ athena: asTasks({ memoryMiB: 1000, memoryBaseMiB: 300 }) })
  const none = new Set(['taskArns[] of ListTasks'])
  stopTheLook(
    'relieve-memory',
    RECYCLED.filter(({ field }) => !none.has(field)),
    [
      ...replaced(about),
      ['the metric perTask, of GetMetricData', 'little', { ...about, made: small }, 'no task uses more than 70 %'],
    ],
  )

  test('the task that was approved is gone: see scopes', () => {
    const { stops } = RECYCLED.find(({ field }) => none.has(field))!
    expect(stops({ service: {} as never, worst: undefined, wanted: 't-1', about: {} as never })).toBe(
      'the task t-1 does not run any more',
    )
  })
})

describe('relieve-memory, where all need more', () => {
  const about: About = { runbook: 'relieve-memory', target: ECS, options: { maxMiB: 4096 } }
  const full = asTasks({ memoryMiB: 1024, memoryBaseMiB: 900 })
  stopTheLook('relieve-memory', RAISED, [
    [
      'deploymentConfiguration.strategy',
      'blue/green',
      { ...about, made: withService({ deploymentConfiguration: { strategy: 'BLUE_GREEN' } }, full) },
      'ECS deploys it as BLUE_GREEN, with hooks and a bake time of its own',
    ],
    [
      'deploymentConfiguration.minimumHealthyPercent',
      'all at once',
      { ...about, made: withService({ deploymentConfiguration: { minimumHealthyPercent: 0 } }, full) },
      'ECS would stop all its tasks at once',
    ],
    [
      'taskRoleArn, executionRoleArn of DescribeTaskDefinition',
      'roles that may not be passed',
      { ...about, made: having({ athena: full, ecs: { definition: ROLES } }) },
      'add arn:aws:iam::111122223333:role/athena and arn:aws:iam::111122223333:role/start to target.ecs.roles',
    ],
  ])
})

describe('cut-connection-timeout in a variable', () => {
  const about: About = { runbook: 'cut-connection-timeout', target: VARIABLE, callers: { web: 30 } }
  const containers = (...of: object[]) => withVariable('60', { definition: { containerDefinitions: of } })
  stopTheLook(
    'cut-connection-timeout',
    [...DEPLOYED, ...VARIABLES],
    [
      ...replaced(about),
      [
        'deploymentConfiguration.strategy',
        'canary',
        { ...about, made: withService({ deploymentConfiguration: { strategy: 'CANARY' } }) },
        'ECS deploys it as CANARY',
      ],
      [
        'deploymentConfiguration.minimumHealthyPercent',
        'all at once',
        { ...about, made: withService({ deploymentConfiguration: { minimumHealthyPercent: 0 } }) },
        'ECS would stop all its tasks at once',
      ],
      [
        'containerDefinitions[].secrets[] of DescribeTaskDefinition',
        'a secret',
        {
          ...about,
          made: containers({ name: 'a', secrets: [{ name: 'T', valueFrom: 'arn:aws:ssm:eu-west-1:1:parameter/t' }] }),
        },
        'T of athena:1 is read from arn:aws:ssm:eu-west-1:1:parameter/t',
      ],
      [
        'containerDefinitions[].environment[] of DescribeTaskDefinition',
        'no such variable',
        { ...about, made: withTasks() },
        'T of athena:1 is not there',
      ],
      [
        'containerDefinitions[].environment[] of DescribeTaskDefinition',
        'no number',
        { ...about, made: withVariable('x') },
        'T of athena:1 is not a number',
      ],
      [
        'containerDefinitions[].environment[] of DescribeTaskDefinition',
        'two values',
        {
          ...about,
          made: containers(
            { name: 'a', environment: [{ name: 'T', value: '60' }] },
            { name: 'b', environment: [{ name: 'T', value: '30' }] },
          ),
        },
        'T of athena:1 is 60 and 30, a value for each container',
      ],
      [
        'taskRoleArn, executionRoleArn of DescribeTaskDefinition',
        'roles that may not be passed',
        { ...about, made: withVariable('60', { definition: ROLES }) },
        'add arn:aws:iam::111122223333:role/athena and arn:aws:iam::111122223333:role/start to target.ecs.roles',
      ],
    ],
  )
})

describe('add-capacity', () => {
  const about: About = { runbook: 'add-capacity', target: ECS, options: { max: 9 } }
  stopTheLook('add-capacity', GROWN, [
    isThere(about),
    ...isMoving(about),
    [
      'taskSets[]',
      'CodeDeploy is at it',
      {
        ...about,
        made: withService({
          deploymentController: { type: 'CODE_DEPLOY' },
          deployments: undefined,
          taskSets: [{ status: 'PRIMARY' }, { status: 'ACTIVE' }],
        }),
      },
      'a deployment is in progress: it has 2 task sets',
    ],
    [
      'schedulingStrategy',
      'a daemon',
      { ...about, made: having({ athena: asTasks(), ecs: { daemon: true } }) },
      'a daemon has one task on each machine',
    ],
    [
      'desiredCount, the option max',
      'at the most',
      { ...about, options: { max: 4 }, made: withTasks() },
      'it has 4 of at most 4 tasks',
    ],
  ])

  test('a service of CodeDeploy with one task set gets more', async () => {
    const made = withService({
      deploymentController: { type: 'CODE_DEPLOY' },
      deployments: undefined,
      taskSets: [{ status: 'PRIMARY' }],
    })
    expect((await look({ ...about, made })).stop).toBeUndefined()
  })
})
