// What a metric says now: the one that the alarm watches, or one that the config names.
import * as z from 'zod'
import { breaches, COMPARISONS, figure } from '../../core/breach.ts'
import type { Tools } from '../../ports.ts'
import type { Case, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'
import type { Place } from '../runbook.ts'

const text = z.string().min(1)

export const metric = z.strictObject({
  namespace: text,
  name: text,
  dimensions: z.record(z.string(), z.string()).default({}),
  statistic: text.default('Average').describe('Average, Maximum, Sum, p99 …'),
})
export type Metric = z.output<typeof metric>

export const goal = metric
  .extend({ below: z.number().optional(), above: z.number().optional() })
  .refine(
    ({ below, above }) => (below === undefined) !== (above === undefined),
    'needs one of "below" and "above": where the metric is when all is well',
  )

/** The options of every runbook that reads whether it helped. */
export const health = {
  healthyWhen: goal.optional().describe('Read instead of what the alarm watches, to know whether it helped'),
}
export interface Health {
  healthyWhen?: z.output<typeof goal> | undefined
}

const PERIOD_SECONDS = 60
/** CloudWatch: metrics of a minute are there for at least so long; late ones may take a few. */
const NEWEST_WITHIN_SECONDS = 600

export interface Query {
  /** As GetMetricData has it, without its id. */
  MetricStat: Record<string, unknown>
}

export const queryOf = ({ namespace, name, dimensions, statistic }: Metric, period = PERIOD_SECONDS): Query => ({
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: period,
    Stat: statistic,
  },
})

interface Result {
  Id: string
  Values: number[]
}

/** Newest first, of each query; only whole periods, so that a sum is not read half-way. */
export async function series(tools: Tools, queries: object[], period: number, seconds: number): Promise<number[][]> {
  const end = Math.floor(tools.now() / 1000 / period) * period
  const { MetricDataResults = [] } = await tools.cloud.call<{ MetricDataResults?: Result[] }>(
    'cloudwatch',
    'GetMetricData',
    {
      MetricDataQueries: queries.map((query, place) => ({ Id: `m${place}`, ...query })),
      StartTime: new Date((end - seconds) * 1000),
      EndTime: new Date(end * 1000),
      ScanBy: 'TimestampDescending',
    },
  )
  return queries.map((query, place) => {
    const id = (query as { Id?: string }).Id ?? `m${place}`
    return MetricDataResults.find(({ Id }) => Id === id)?.Values ?? []
  })
}

export async function newest(tools: Tools, wanted: Metric): Promise<number | undefined> {
  const [values] = await series(tools, [queryOf(wanted)], PERIOD_SECONDS, NEWEST_WITHIN_SECONDS)
  return values![0]
}

/** What DescribeAlarms says of one that watches a metric. */
interface MetricAlarm {
  AlarmName: string
  Namespace?: string
  MetricName?: string
  Dimensions?: { Name: string; Value: string }[]
  Statistic?: string
  ExtendedStatistic?: string
  Period?: number
  Metrics?: { Id: string; ReturnData?: boolean }[]
  Threshold?: number
  ComparisonOperator?: string
}

export interface Verdict {
  ok: boolean
  text: string
}

/** Where there is no metric to read, the alarm decides, which is looked at besides. */
export async function verdict(tools: Tools, about: Case<Health>): Promise<Verdict> {
  const { healthyWhen } = about.options
  if (healthyWhen) {
    const { below, above, name, statistic } = healthyWhen
    const value = await newest(tools, healthyWhen)
    const ok = value !== undefined && (below === undefined ? value > above! : value < below)
    return {
      ok,
      text: said(`${statistic} of ${name}`, value, below === undefined ? `above ${above}` : `below ${below}`),
    }
  }
  const nothing = { ok: true, text: 'there is no metric to read; its alarm decides' }
  if (about.alarm.name === '') return nothing
  const { MetricAlarms = [] } = await tools.cloud.call<{ MetricAlarms?: MetricAlarm[] }>(
    'cloudwatch',
    'DescribeAlarms',
    { AlarmNames: [about.alarm.name], AlarmTypes: ['MetricAlarm'] },
  )
  const [alarm] = MetricAlarms
  const comparison = COMPARISONS.get(alarm?.ComparisonOperator ?? '')
  if (!alarm || !comparison || alarm.Threshold === undefined) return nothing
  const value = await valueOf(tools, alarm)
  const ok = value !== undefined && !breaches(value, comparison, alarm.Threshold)
  return {
    ok,
    text: said(alarm.MetricName ?? alarm.AlarmName, value, `its alarm fires ${comparison} ${figure(alarm.Threshold)}`),
  }
}

const said = (name: string, value: number | undefined, limit: string): string =>
  value === undefined ? `${name} has no data yet (${limit})` : `${name} is ${figure(value)} (${limit})`

async function valueOf(tools: Tools, alarm: MetricAlarm): Promise<number | undefined> {
  const period = Math.max(alarm.Period ?? PERIOD_SECONDS, PERIOD_SECONDS)
  const within = Math.max(NEWEST_WITHIN_SECONDS, period * 3)
  if (alarm.Metrics?.length) {
    const place = Math.max(
      0,
      alarm.Metrics.findIndex(({ ReturnData }) => ReturnData !== false),
    )
    return (await series(tools, alarm.Metrics, period, within))[place]![0]
  }
  const query = queryOf(
    {
      namespace: alarm.Namespace ?? '',
      name: alarm.MetricName ?? '',
      dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      statistic: alarm.ExtendedStatistic ?? alarm.Statistic ?? 'Average',
    },
    period,
  )
  return (await series(tools, [query], period, within))[0]![0]
}

const METRICS: Statement = {
  actions: ['cloudwatch:GetMetricData'],
  resources: ['*'],
  why: 'CloudWatch knows no permission for one metric',
}

export const metricPermissions = (): Statement[] => [METRICS]

export const verdictPermissions = (options: Health, place: Place): Statement[] => [
  METRICS,
  ...(options.healthyWhen
    ? []
    : [{ actions: ['cloudwatch:DescribeAlarms'], resources: [arnOf(place, 'cloudwatch', 'alarm:*')] }]),
]

/** One statement where several recipes need the same. */
export function merged(statements: Statement[]): Statement[] {
  const seen = new Map(statements.map((statement) => [JSON.stringify(statement), statement]))
  return [...seen.values()]
}
