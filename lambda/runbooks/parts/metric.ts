// Reads metrics from CloudWatch.
import * as z from 'zod'
import type { Tools } from '../../ports/tools.ts'
import type { Statement } from '../runbook.ts'

const text = z.string().min(1)

export const metric = z.strictObject({
  namespace: text,
  name: text,
  dimensions: z.record(z.string(), z.string()).default({}),
  statistic: text.default('Average').describe('Average, Maximum, Sum, p99 …'),
})
export type Metric = z.output<typeof metric>

export const PERIOD_SECONDS = 60
/** How far back to look for the newest value: metrics may come in a few minutes late. */
export const NEWEST_WITHIN_SECONDS = 600

export interface Query {
  /** As GetMetricData takes it, without its id. */
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

/** The values of each query, newest first; only whole periods, so that no sum is read half-finished. */
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

export const METRICS: Statement = {
  actions: ['cloudwatch:GetMetricData'],
  resources: ['*'],
  why: 'CloudWatch has no permission for one metric',
}

export const metricPermissions = (): Statement[] => [METRICS]

/** One statement if several recipes need the same. */
export function merged(statements: Statement[]): Statement[] {
  const seen = new Map(statements.map((statement) => [JSON.stringify(statement), statement]))
  return [...seen.values()]
}
