// Every existing alarm: each should find a service.
import { CloudWatchClient, paginateDescribeAlarms, type Metric, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { FoundAlarm } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new CloudWatchClient(CLIENT))

export async function existingAlarms(): Promise<FoundAlarm[]> {
  const found: FoundAlarm[] = []
  const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client: client() },
    { AlarmTypes: [...AlarmTypes] },
  ))
    found.push(...MetricAlarms.map(metricAlarm), ...CompositeAlarms.map(({ AlarmName = '' }) => ({ name: AlarmName })))
  return found
}

/** An alarm on an expression has the dimensions of the first metric in it. */
function metricAlarm({
  AlarmName = '',
  Metrics = [],
  Namespace,
  MetricName,
  Dimensions = [],
}: MetricAlarm): FoundAlarm {
  const own: Metric | undefined = MetricName === undefined ? undefined : { Namespace, MetricName, Dimensions }
  const metric = own ?? Metrics.find(({ MetricStat }) => MetricStat?.Metric)?.MetricStat?.Metric
  const pairs = (metric?.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value] as const)
  return {
    name: AlarmName,
    ...(metric?.Namespace !== undefined && { namespace: metric.Namespace }),
    ...(metric?.MetricName !== undefined && { metric: metric.MetricName }),
    ...(pairs.length > 0 && { dimensions: Object.fromEntries(pairs) }),
  }
}
