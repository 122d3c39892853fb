// The alarms that a config creates, as CloudFormation gets them, and each of them as one line to compare.
import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { checkConfig, type ConfigInput } from '../../../lambda/config.ts'
import { ServiceAlarms } from '../../../lib/service-alarms.ts'

interface Metric {
  Namespace: string
  MetricName: string
  Dimensions: { Name: string; Value: string }[]
}

export interface Made {
  AlarmName: string
  AlarmDescription: string
  ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold'
  Threshold: number
  DatapointsToAlarm: number
  EvaluationPeriods: number
  TreatMissingData: string
  Period?: number
  Statistic?: string
  ExtendedStatistic?: string
  Metrics?: {
    Id: string
    Expression?: string
    ReturnData: boolean
    MetricStat?: { Metric: Metric; Period: number; Stat: string }
  }[]
}

export type MadeAlarm = Made & Partial<Metric>

type Services = ConfigInput['services']
type Target = NonNullable<Services[string]['target']>

export const configOf = (services: Services, rest: Partial<ConfigInput> = {}): ReturnType<typeof checkConfig> =>
  checkConfig({ slack: { channel: 'C0123456' }, services, ...rest })

export function stackOf(services: Services): Stack {
  const stack = new Stack(new App(), 'Stack')
  new ServiceAlarms(stack, 'ServiceAlarms', { config: configOf(services) })
  return stack
}

export const alarmsIn = (stack: Stack): MadeAlarm[] =>
  Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as MadeAlarm,
  )

export const made = (services: Services): MadeAlarm[] => alarmsIn(stackOf(services))

/** Every alarm of one target, as a line without the service's id. */
export const linesFor = (target: Target): string[] =>
  made({ shop: { target, watch: true } }).map((alarm) => lineOf(alarm).replace('tocsin/shop/', ''))

export function lineOf(alarm: MadeAlarm): string {
  const sign = alarm.ComparisonOperator === 'LessThanThreshold' ? '<' : '>'
  const { DatapointsToAlarm: bad, EvaluationPeriods: of, TreatMissingData: missing } = alarm
  const [what, period] = measured(alarm)
  return `${alarm.AlarmName}: ${what} ${sign} ${alarm.Threshold}, ${bad} of ${of} × ${period} s, ${missing}`
}

function measured(alarm: MadeAlarm): [string, number] {
  if (!alarm.Metrics)
    return [`${alarm.Statistic ?? alarm.ExtendedStatistic} of ${metricText(alarm as Metric)}`, alarm.Period!]
  const [result, ...parts] = alarm.Metrics
  const where = parts.map(({ Id, MetricStat }) => `${Id} = ${MetricStat!.Stat} of ${metricText(MetricStat!.Metric)}`)
  return [`${result!.Expression} where ${where.join(', ')},`, parts[0]!.MetricStat!.Period]
}

const metricText = ({ Namespace, MetricName, Dimensions }: Metric): string =>
  `${Namespace} ${MetricName} {${Dimensions.map(({ Name, Value }) => `${Name}: ${Value}`).join(', ')}}`

/** One of everything that can be watched. */
export const EVERYTHING = {
  rabbitmq: { broker: 'studio-broker', queues: ['emails', 'tmp.*'] },
  sqs: { queue: 'orders', deadLetters: 'orders-dead' },
  ecs: { cluster: 'main', service: 'api', containerInsights: true },
  autoScaling: { group: 'fleet' },
  ec2: { instances: ['i-0abc'], paths: ['/var/lib'] },
  onPremises: { hosts: ['cellar-1'] },
  rds: { instance: 'core-db', cluster: 'aurora', maxConnections: 500 },
  alb: { loadBalancer: 'app/studio/50dc6c495c0c9188', targetGroup: 'targetgroup/web/6d0ecf831eec9f09' },
  lambda: { function: 'resize', insights: true },
  dynamodb: { table: 'orders' },
  ebs: { volumes: ['vol-1'], instance: 'i-0abc' },
  efs: { fileSystem: 'fs-1' },
} satisfies Target
