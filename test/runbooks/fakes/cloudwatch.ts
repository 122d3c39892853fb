// CloudWatch: one alarm on one metric, and metrics whose values are functions of time.
import type { Actions, Clock } from './cloud.ts'

export interface Series {
  namespace: string
  name: string
  dimensions: Record<string, string>
  /** Undefined: no data then. */
  value(at: number): number | undefined
}

/** The alarm that fired; it recovers below 1. */
export const ALARM = 'athena/latency-p99'

interface Dimension {
  Name: string
  Value: string
}

interface Asked {
  MetricDataQueries: {
    Id: string
    MetricStat: { Metric: { Namespace: string; MetricName: string; Dimensions: Dimension[] }; Period: number }
  }[]
  StartTime: Date
  EndTime: Date
}

interface Listed {
  Namespace: string
  MetricName: string
  Dimensions: { Name: string; Value?: string }[]
}

const same = (a: Record<string, string>, b: Dimension[]): boolean =>
  Object.keys(a).length === b.length && b.every(({ Name, Value }) => a[Name] === Value)

export function fakeCloudWatch(clock: Clock, symptom: () => number, series: Series[] = []): Actions {
  const all: Series[] = [
    { namespace: 'Athena', name: 'Latency', dimensions: { Service: 'athena' }, value: symptom },
    ...series,
  ]
  const toList = (dimensions: Record<string, string>) =>
    Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  return {
    DescribeAlarms: ({ AlarmNames }: { AlarmNames: string[] }) => ({
      MetricAlarms:
        AlarmNames[0] === ALARM
          ? [
              {
                AlarmName: ALARM,
                Namespace: 'Athena',
                MetricName: 'Latency',
                Dimensions: [{ Name: 'Service', Value: 'athena' }],
                ExtendedStatistic: 'p99',
                Period: 60,
                Threshold: 1,
                ComparisonOperator: 'GreaterThanThreshold',
              },
            ]
          : [],
    }),
    GetMetricData: ({ MetricDataQueries, StartTime, EndTime }: Asked) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric, Period } }) => {
        const found = all.find(
          ({ namespace, name, dimensions }) =>
            namespace === Metric.Namespace && name === Metric.MetricName && same(dimensions, Metric.Dimensions),
        )
        const Values: number[] = []
        for (let at = EndTime.getTime() - Period * 1000; at >= StartTime.getTime(); at -= Period * 1000) {
          const value = at > clock.now ? undefined : found?.value(at)
          if (value !== undefined) Values.push(value)
        }
        return { Id, Values }
      }),
    }),
    ListMetrics: ({ Namespace, MetricName, Dimensions }: Listed) => ({
      Metrics: all
        .filter(
          ({ namespace, name, dimensions }) =>
            namespace === Namespace &&
            name === MetricName &&
            Dimensions.every(({ Name, Value }) =>
              Value === undefined ? Name in dimensions : dimensions[Name] === Value,
            ),
        )
        .map(({ dimensions }) => ({ Dimensions: toList(dimensions) })),
    }),
  }
}
