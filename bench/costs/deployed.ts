// The parts of the deployment that cost: read from the template that `cdk deploy` would send.
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { checkConfig } from '../../lambda/config.ts'
import { TocsinStack } from '../../lib/tocsin-stack.ts'
import userConfig from '../../tocsin.config.ts'

export type Stage = 'intake' | 'notify' | 'respond' | 'escalate' | 'watchdog'

export interface Deployed {
  memoryMb: Record<Stage, number>
  /** How many messages it takes at once, how long it waits for them, and how many run at once. */
  intake: { batch: number; windowSeconds: number; atOnce: number }
  notify: { batch: number; timeoutSeconds: number }
  /** Queues that Lambda polls all the time. */
  polled: { standard: number; fifo: number }
  secrets: number
  keys: number
  dashboards: number
  /** CloudWatch charges for each metric in an alarm. */
  alarmMetrics: number
  /** Undefined if there is no heartbeat. */
  heartbeatMinutes?: number
}

type Properties = Record<string, unknown>

export function deployed(): Deployed {
  const stack = new TocsinStack(new App(), 'Tocsin', { config: checkConfig(userConfig, 'tocsin.config.ts') })
  return readTemplate(Template.fromStack(stack))
}

export function readTemplate(template: Template): Deployed {
  const of = (type: string): [id: string, properties: Properties][] =>
    Object.entries(template.findResources(type)).map(([id, { Properties: found }]) => [id, found as Properties])
  const functions = of('AWS::Lambda::Function')
  const queues = new Map(of('AWS::SQS::Queue'))
  const sources = of('AWS::Lambda::EventSourceMapping').map(([, source]) => source)
  const stage = (name: string): Properties => named(functions, name)
  const source = (name: string): Properties =>
    sources.find(({ FunctionName }) => refOf(FunctionName).startsWith(name)) ?? missing(`${name}'s queue`)
  const fifo = sources.filter(({ EventSourceArn }) => queues.get(refOf(EventSourceArn))?.['FifoQueue'] === true).length
  const rate = of('AWS::Events::Rule')
    .map(([, { ScheduleExpression }]) => /^rate\((\d+) minutes?\)$/.exec(String(ScheduleExpression))?.[1])
    .find((minutes) => minutes !== undefined)
  const memory = (name: string): number => Number(stage(name)['MemorySize'])
  return {
    memoryMb: {
      intake: memory('Intake'),
      notify: memory('Notify'),
      respond: memory('Respond'),
      escalate: memory('Escalate'),
      watchdog: rate === undefined ? 0 : memory('Watchdog'),
    },
    intake: {
      batch: Number(source('Intake')['BatchSize']),
      windowSeconds: Number(source('Intake')['MaximumBatchingWindowInSeconds'] ?? 0),
      atOnce: Number((source('Intake')['ScalingConfig'] as Properties)['MaximumConcurrency']),
    },
    notify: { batch: Number(source('Notify')['BatchSize']), timeoutSeconds: Number(stage('Notify')['Timeout']) },
    polled: { standard: sources.length - fifo, fifo },
    secrets: of('AWS::SecretsManager::Secret').length,
    keys: of('AWS::KMS::Key').length,
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    alarmMetrics: of('AWS::CloudWatch::Alarm').reduce((metrics, [, alarm]) => metrics + metricsOf(alarm), 0),
    ...(rate !== undefined && { heartbeatMinutes: Number(rate) }),
  }
}

const named = (resources: [id: string, properties: Properties][], name: string): Properties =>
  resources.find(([id]) => id.startsWith(name))?.[1] ?? missing(name)

function missing(what: string): never {
  throw new Error(`the template has no ${what}`)
}

/** The resource that `Ref` or `Fn::GetAtt` names. */
const refOf = (value: unknown): string => {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] }
  return Ref ?? attribute?.[0] ?? ''
}

/** An alarm on one metric names it; one on an expression lists what goes into it. */
const metricsOf = ({ Metrics }: Properties): number =>
  Array.isArray(Metrics) ? Metrics.filter((one: Properties) => one['MetricStat'] !== undefined).length : 1
