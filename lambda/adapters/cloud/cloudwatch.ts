// CloudWatch: what an alarm watches, and what a metric says.
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch'
import { api } from '../../ports/api.ts'

export const cloudwatch = api((settings) => new CloudWatchClient(settings), {
  DescribeAlarms: DescribeAlarmsCommand,
  GetMetricData: GetMetricDataCommand,
  ListMetrics: ListMetricsCommand,
})
