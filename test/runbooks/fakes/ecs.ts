// One ECS service that behaves: it keeps the desired number of tasks, they take time, and it rolls out a new task definition start first.
import type { Actions, Clock } from './cloud.ts'

interface Definition {
  taskDefinitionArn?: string
  family: string
  memory?: string
  tags?: object[]
  registeredAt?: number
  containerDefinitions: { name: string; image: string; environment?: { name: string; value: string }[] }[]
  [key: string]: unknown
}

interface Task {
  taskArn: string
  taskDefinitionArn: string
  createdAt: number
  stoppedAt?: number
  stopCode?: string
  stoppedReason?: string
  address: string
}

export interface EcsOptions {
  tasks?: number
  startSeconds?: number
  healthCheck?: boolean
  loadBalanced?: boolean
  environment?: { name: string; value: string }[]
  memory?: string
  roles?: boolean
  tags?: { key: string; value: string }[]
  schedulingStrategy?: 'REPLICA' | 'DAEMON'
}

export interface FakeEcs {
  actions: Actions
  targets: Actions
  /** New tasks start and then fail. */
  breaks: boolean
  desired: number
  /** Of the running tasks: how many were created since. */
  fresh(since: number): number
  running(): number
  /** Healthy in the load balancer. */
  serving(): number
  definition(): { containerDefinitions: { environment?: { name: string; value: string }[] }[]; memory?: string }
  revision(): string
  deploySomething(): void
  killOne(): void
  ids(): string[]
}

const ARN = 'arn:aws:ecs:eu-west-1:111122223333'
const CLUSTER = 'ml'
/** How long after a task has gone ECS starts another one. */
const NOTICE_SECONDS = 8

export function fakeEcs(clock: Clock, options: EcsOptions = {}): FakeEcs {
  const { startSeconds = 30, healthCheck = true, loadBalanced = true, schedulingStrategy = 'REPLICA' } = options
  let count = 0
  let missingSince: number | undefined
  const definitions: Record<string, Definition> = {}
  const register = (definition: Definition): string => {
    const arn = `${ARN}:task-definition/athena:${Object.keys(definitions).length + 1}`
    definitions[arn] = {
      ...definition,
      taskDefinitionArn: arn,
      registeredAt: clock.now,
      revision: Object.keys(definitions).length + 1,
      status: 'ACTIVE',
    }
    return arn
  }
  const first = register({
    family: 'athena',
    ...(options.memory !== undefined && { memory: options.memory, cpu: '1024', requiresCompatibilities: ['FARGATE'] }),
    ...(options.roles && {
      taskRoleArn: 'arn:aws:iam::111122223333:role/athena',
      executionRoleArn: 'arn:aws:iam::111122223333:role/start',
    }),
    containerDefinitions: [
      { name: 'app', image: 'athena:7', ...(options.environment && { environment: options.environment }) },
    ],
    ...(options.tags && { tags: options.tags }),
  })
  const deployments = [{ id: 'ecs-svc/1', taskDefinition: first, failedTasks: 0, rolloutState: 'COMPLETED' }]
  const tasks: Task[] = []
  const start = (createdAt: number): void => {
    count += 1
    tasks.push({
      taskArn: `${ARN}:task/${CLUSTER}/t${count}`,
      taskDefinitionArn: deployments[0]!.taskDefinition,
      createdAt,
      address: `10.0.0.${count}`,
    })
  }
  const self: FakeEcs = {
    actions: {},
    targets: {},
    breaks: false,
    desired: options.tasks ?? 4,
    fresh: (since) => alive().filter((task) => task.createdAt >= since && isUp(task)).length,
    running: () => alive().filter(isUp).length,
    serving: () => alive().filter(isHealthy).length,
    definition: () => definitions[deployments[0]!.taskDefinition]!,
    revision: () => deployments[0]!.taskDefinition.split('/')[1]!,
    deploySomething: () => deploy(register({ ...definitions[deployments[0]!.taskDefinition]!, cpu: '512' })),
    killOne: () => stop(alive()[0]!, 'EssentialContainerExited', 'Essential container in task exited'),
    ids: () => alive().map(({ taskArn }) => taskArn.split('/').at(-1)!),
  }
  const alive = (): Task[] => tasks.filter(({ stoppedAt }) => stoppedAt === undefined)
  const age = (task: Task): number => (clock.now - task.createdAt) / 1000
  const isUp = (task: Task): boolean => age(task) >= startSeconds
  const isHealthy = (task: Task): boolean => age(task) >= startSeconds + 10
  const stop = (task: Task, stopCode: string, stoppedReason: string): void =>
    void Object.assign(task, { stoppedAt: clock.now, stopCode, stoppedReason })
  const deploy = (taskDefinition: string): void => {
    deployments.unshift({
      id: `ecs-svc/${deployments.length + 1}-${clock.now}`,
      taskDefinition,
      failedTasks: 0,
      rolloutState: 'IN_PROGRESS',
    })
  }
  for (let n = 0; n < self.desired; n++) start(clock.now - 3_600_000 + n * 1000)

  /** What ECS would have done by now. */
  const converge = (): void => {
    const { taskDefinition } = deployments[0]!
    const isCurrent = (task: Task): boolean => task.taskDefinitionArn === taskDefinition
    if (self.breaks)
      for (const task of alive().filter((task) => task.createdAt > clock.now - 600_000 && isUp(task))) {
        stop(task, 'EssentialContainerExited', 'Essential container in task exited')
        deployments[0]!.failedTasks += 1
      }
    const isRolling = deployments.length > 1
    const current = alive().filter(isCurrent)
    const missing = self.desired - (isRolling ? current.length : alive().length)
    if (missing <= 0) missingSince = undefined
    else missingSince ??= clock.now
    if (missingSince !== undefined && clock.now - missingSince >= NOTICE_SECONDS * 1000)
      for (let n = 0; n < missing; n++) start(clock.now)
    if (isRolling && current.length >= self.desired && current.every(isHealthy)) {
      for (const task of alive().filter((task) => !isCurrent(task)))
        stop(task, 'ServiceSchedulerInitiated', 'Scaling activity initiated by deployment')
      deployments.splice(1)
      deployments[0]!.rolloutState = 'COMPLETED'
    }
    if (!isRolling)
      for (const task of alive().slice(self.desired))
        stop(task, 'ServiceSchedulerInitiated', 'Scaling activity initiated by deployment')
  }

  const described = (task: Task) => ({
    taskArn: task.taskArn,
    createdAt: new Date(task.createdAt),
    desiredStatus: task.stoppedAt === undefined ? 'RUNNING' : 'STOPPED',
    lastStatus: task.stoppedAt !== undefined ? 'STOPPED' : isUp(task) ? 'RUNNING' : 'PENDING',
    healthStatus: healthCheck ? (isHealthy(task) ? 'HEALTHY' : 'UNKNOWN') : 'UNKNOWN',
    ...(task.stopCode !== undefined && { stopCode: task.stopCode, stoppedReason: task.stoppedReason }),
    containers: [{ networkInterfaces: [{ privateIpv4Address: task.address }] }],
  })

  self.actions = {
    DescribeServices({ services }: { services: string[] }) {
      converge()
      if (services[0] !== 'athena') return { services: [], failures: [{ reason: 'MISSING' }] }
      const { taskDefinition } = deployments[0]!
      return {
        services: [
          {
            status: 'ACTIVE',
            desiredCount: self.desired,
            runningCount: self.running(),
            pendingCount: alive().length - self.running(),
            taskDefinition,
            schedulingStrategy,
            loadBalancers: loadBalanced
              ? [{ targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/athena/1' }]
              : [],
            deployments: deployments.map((deployment, place) => {
              const own = alive().filter((task) => task.taskDefinitionArn === deployment.taskDefinition)
              return {
                ...deployment,
                status: place === 0 ? 'PRIMARY' : 'ACTIVE',
                desiredCount: self.desired,
                runningCount: own.filter(isUp).length,
              }
            }),
          },
        ],
      }
    },
    ListTasks({ desiredStatus, nextToken }: { desiredStatus: string; nextToken?: string }) {
      converge()
      const found = tasks.filter(({ stoppedAt }) => (stoppedAt === undefined) === (desiredStatus === 'RUNNING'))
      const from = Number(nextToken ?? 0)
      const page = found.slice(from, from + 3).map(({ taskArn }) => taskArn)
      return { taskArns: page, ...(from + 3 < found.length && { nextToken: String(from + 3) }) }
    },
    DescribeTasks: ({ tasks: arns }: { tasks: string[] }) => ({
      tasks: tasks.filter(({ taskArn }) => arns.includes(taskArn)).map(described),
    }),
    StopTask({ task }: { task: string }) {
      const found = alive().find(({ taskArn }) => taskArn === task)
      if (found) stop(found, 'UserInitiated', 'Tocsin')
      converge()
      return { task: found && described(found) }
    },
    UpdateService({ desiredCount, taskDefinition }: { desiredCount?: number; taskDefinition?: string }) {
      if (desiredCount !== undefined) self.desired = desiredCount
      if (taskDefinition !== undefined) deploy(taskDefinition)
      converge()
      return {}
    },
    DescribeTaskDefinition({ taskDefinition }: { taskDefinition: string }) {
      const known = Object.keys(definitions)
      const { tags, ...found } = definitions[taskDefinition.startsWith('arn:') ? taskDefinition : known.at(-1)!]!
      return { taskDefinition: found, ...(tags && { tags }) }
    },
    RegisterTaskDefinition: (input: Definition) => ({ taskDefinition: definitions[register(input)] }),
  }
  self.targets = {
    DescribeTargetHealth: () => ({
      TargetHealthDescriptions: alive().map((task) => ({
        Target: { Id: task.address, Port: 8080 },
        TargetHealth: { State: isHealthy(task) ? 'healthy' : 'initial' },
      })),
    }),
  }
  return self
}
