// One look of a runbook at a small world, and the worlds that the tests of looks share.
import type { Target } from '../../lambda/core/services/config.ts'
import { Refused, type CloudService } from '../../lambda/ports/tools.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import { toolsOf } from './fakes/cloud.ts'
import { asInstances, asTasks, asUnit, small, type Small, type SmallInput } from './fakes/world.ts'
import { aboutOf, type Scenario } from './scenarios.ts'

export interface Setting {
  runbook: string
  target: Target
  options?: Record<string, unknown>
  callers?: Record<string, number>
  dimensions?: Record<string, string>
  made(): Small
}

export const aboutThe = (name: string, rest: Partial<Scenario>) => {
  const runbook = BUILT_IN.get(name)!
  return { runbook, about: aboutOf({ runbook, options: {}, ...rest } as Scenario) }
}

export async function look({ runbook: name, made, ...rest }: Setting): Promise<{ found: string; stop?: string }> {
  const { runbook, about } = aboutThe(name, rest)
  const { cloud, clock } = made()
  const { found: words, stop } = await runbook.look(toolsOf(cloud, clock), about).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
    return { found: '', stop: error.message }
  })
  return { found: words, ...(stop !== undefined && { stop }) }
}

export const ECS: Target = { ecs: { cluster: 'ml', service: 'athena' } }
export const GROUP: Target = { autoScaling: { group: 'workers' } }
export const GIB_IN_MIB = 1024

/** `before` its first second, and `change` when the look comes. */
export const having =
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
export const withTasks = (change?: (made: Small) => void, before?: (made: Small) => void) =>
  having({ athena: asTasks() }, change, before)
export const withVariable = (T: string, ecs: SmallInput['ecs'] = {}) => having({ athena: asTasks({}, { T }), ecs })
export const withGroup = (change?: (made: Small) => void) => having({ athena: asInstances() }, change)
export const withParameter = (value: string, type = 'String') =>
  having({ athena: asTasks() }, ({ apis }) => void apis.ssm['PutParameter']!({ Name: '/t', Value: value, Type: type }))
/** A disk of 100 GiB, with so many free. */
export const withDisk = (freeGib: number, volume?: string) =>
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
export const withRds = (freeGib: number, change?: (made: Small) => void) =>
  having(
    { databases: { 'core-db': { allocatedMiB: 100 * GIB_IN_MIB, usedMiB: (100 - freeGib) * GIB_IN_MIB } } },
    change,
  )
export const withUnit = (unit: string, output?: string) =>
  having(
    { athena: { ...asUnit(['i-1']), systemd: { unit, instances: ['i-1'] } }, instances: { 'i-1': { disks: {} } } },
    ({ world }) => {
      if (output !== undefined) world.machines.get('i-1')!.shell = () => ({ output, failed: false, seconds: 1 })
    },
  )
/** As where no Container Insights and no CloudWatch agent measure anything. */
export const unmeasured = ({ apis }: Small): void => void (apis.cloudwatch['ListMetrics'] = () => ({ Metrics: [] }))
export const nothing = having({})

export const DISK = { ec2: { instances: ['i-1'], clean: ['/var/log/athena/*.gz'], paths: ['/'] } }
export const GROWS = { ...DISK, ebs: { volumes: ['vol-0abc'] } }
export const RDS: Target = { rds: { instance: 'core-db' } }
export const TIMEOUT: Target = { ...ECS, timeout: { parameter: '/t', unit: 'seconds' } }
export const VARIABLE: Target = { ...ECS, timeout: { environment: 'T', unit: 'seconds' } }
export const AUTOMATION = { document: 'AWS-RestartEC2Instance', assumeRole: 'arn:aws:iam::111122223333:role/a' }
export const allow = { ...AUTOMATION, fromAlarm: { InstanceId: { dimension: 'InstanceId', allow: 'i-[0-9a-f]+' } } }
export const answers = (answer: unknown, error?: string) =>
  having({
    lambda: {
      Invoke: () => ({
        Payload: typeof answer === 'string' ? answer : JSON.stringify(answer),
        ...(error && { FunctionError: error }),
      }),
    },
  })
export const FUNCTION: Target = { lambda: { function: 'mend' } }

/** Changes what an API answers. */
export const answering =
  <Answer>(service: CloudService, action: string, change: (answer: Answer) => unknown) =>
  ({ apis }: Small): void => {
    const actions = apis[service as keyof typeof apis] as Record<string, (input: never) => unknown>
    const before = actions[action]!
    actions[action] = (input) => change(before(input) as Answer)
  }

/** Of the one service that is described. */
export const withService = (changed: object, runbook?: SmallInput['athena']) =>
  having(
    { athena: runbook ?? asTasks() },
    answering<{ services: object[] }>('ecs', 'DescribeServices', ({ services }) => ({
      services: services.map((one) => ({ ...one, ...changed })),
    })),
  )

/** Of the one group that is described. */
export const withGroupOf = (change: (group: Group) => object) =>
  having(
    { athena: asInstances({ memoryMiB: 1000, memoryBaseMiB: 900 }) },
    answering<{ AutoScalingGroups: Group[] }>('autoscaling', 'DescribeAutoScalingGroups', ({ AutoScalingGroups }) => ({
      AutoScalingGroups: AutoScalingGroups.map((one) => ({ ...one, ...change(one) })),
    })),
  )

interface Group {
  Instances: { InstanceId: string }[]
}
