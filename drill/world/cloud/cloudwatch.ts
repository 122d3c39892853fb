// CloudWatch: what the metrics of this world say, and what its alarms watch.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { MetricName } from '../measure/metrics.ts'
import { number, optional, records, text, texts, type Api, type Input, type Place } from './api.ts'

/** How long after the end of its period a datapoint is available. */
const LATE_SECONDS = 1

export function cloudwatch({ world, arn, date, page }: Place): Api {
  const startMs = Date.parse(world.plan.start)
  const secondOf = (value: unknown): number =>
    Math.floor((new Date(value as string | number | Date).getTime() - startMs) / 1000)

  const series = (query: Input, input: Input) => {
    const stat = query['MetricStat'] as Input | undefined
    if (!stat) throw new Refused('this world answers for single metrics, not for expressions')
    const name = nameIn(stat['Metric'] as Input)
    const period = number(stat, 'Period') ?? 60
    const offset = Math.floor(startMs / 1000) % period
    const from = Math.ceil((secondOf(input['StartTime']) + offset) / period) * period - offset
    const to = Math.min(secondOf(input['EndTime']), world.second - LATE_SECONDS + 1)
    const points: { at: number; value: number }[] = []
    for (let at = from; at + period <= to; at += period) {
      const value = world.metrics.of(name, text(stat, 'Stat'), at, at + period)
      if (value !== undefined) points.push({ at, value })
    }
    if (input['ScanBy'] !== 'TimestampAscending') points.reverse()
    return {
      Id: text(query, 'Id'),
      Label: name.metric,
      StatusCode: 'Complete',
      Timestamps: points.map(({ at }) => date(at)),
      Values: points.map(({ value }) => value),
    }
  }

  return {
    GetMetricData: (input) => ({
      MetricDataResults: records(input, 'MetricDataQueries').map((query) => series(query, input)),
    }),
    DescribeAlarms: (input) => ({
      MetricAlarms: world.alarms.all
        .filter(({ name }) => {
          const names = texts(input, 'AlarmNames')
          const prefix = optional(input, 'AlarmNamePrefix')
          return (names.length === 0 || names.includes(name)) && (prefix === undefined || name.startsWith(prefix))
        })
        .map(({ name, plan, state, since }) => ({
          AlarmName: name,
          AlarmArn: arn('cloudwatch', `alarm:${name}`),
          StateValue: state,
          StateUpdatedTimestamp: date(since),
          Namespace: plan.namespace,
          MetricName: plan.metric,
          Dimensions: Object.entries(plan.dimensions).map(([Name, Value]) => ({ Name, Value })),
          ...(plan.stat.startsWith('p') ? { ExtendedStatistic: plan.stat } : { Statistic: plan.stat }),
          Period: plan.period,
          EvaluationPeriods: plan.evaluationPeriods,
          DatapointsToAlarm: plan.datapointsToAlarm ?? plan.evaluationPeriods,
          Threshold: plan.threshold,
          ComparisonOperator: plan.comparison,
          TreatMissingData: plan.missing,
        })),
      CompositeAlarms: [],
    }),
    ListMetrics(input) {
      const found = world.metrics
        .names()
        .filter(({ namespace, metric, dimensions }) => {
          const wanted = records(input, 'Dimensions')
          return (
            (input['Namespace'] === undefined || input['Namespace'] === namespace) &&
            (input['MetricName'] === undefined || input['MetricName'] === metric) &&
            wanted.every(({ Name, Value }) => {
              const value = dimensions[String(Name)]
              return value !== undefined && (Value === undefined || Value === value)
            })
          )
        })
        .map(({ namespace, metric, dimensions }) => ({
          Namespace: namespace,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        }))
      const { items, next } = page(found, optional(input, 'NextToken'), 500)
      return { Metrics: items, ...(next !== undefined && { NextToken: next }) }
    },
  }
}

function nameIn(metric: Input): MetricName {
  const pairs = records(metric, 'Dimensions').map(({ Name, Value }) => [String(Name), String(Value)])
  return {
    namespace: text(metric, 'Namespace'),
    metric: text(metric, 'MetricName'),
    dimensions: Object.fromEntries(pairs) as Record<string, string>,
  }
}
