// Alarms as a team has them: created with the API or by the stack, and fired by values that cross their threshold.
import { randomUUID } from 'node:crypto'
import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  type MetricAlarm,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import { ACCOUNT, REGION } from '../ministack/start.ts'
import type { Aws } from './aws.ts'
import { check, eventually } from './steps.ts'

export interface TestAlarm {
  name: string
  namespace: string
  metric: string
  dimensions: Record<string, string>
  threshold: number
  /** ARNs notified on ALARM and on OK. EventBridge hears of every alarm anyway. */
  actions?: string[]
}

export async function createAlarm({ cloudWatch }: Aws, alarm: TestAlarm): Promise<void> {
  const { name, namespace, metric, dimensions, threshold, actions = [] } = alarm
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: 'Average',
      // High resolution: a recovery is seen soon.
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: actions,
      OKActions: actions,
    }),
  )
}

export async function findAlarm({ cloudWatch }: Aws, fits: (alarm: MetricAlarm) => boolean): Promise<MetricAlarm> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }))
  const found = MetricAlarms.find(fits)
  check(
    found !== undefined,
    `there is no such alarm among ${MetricAlarms.map(({ AlarmName }) => AlarmName).join(', ')}`,
  )
  return found
}

/** Sends a value for every period that the alarm looks at, as an agent would have, and repeats until the alarm is in that state. */
export async function report(aws: Aws, name: string, value: number, until: StateValue): Promise<void> {
  const named = ({ AlarmName }: MetricAlarm): boolean => AlarmName === name
  const { Namespace, MetricName, Dimensions, Period = 60, EvaluationPeriods = 1 } = await findAlarm(aws, named)
  await eventually(`${name} is in ${until}`, async () => {
    const MetricData = Array.from({ length: EvaluationPeriods }, (_, back) => ({
      MetricName,
      Dimensions,
      Value: value,
      Timestamp: new Date(Date.now() - back * Period * 1000),
    }))
    await aws.cloudWatch.send(new PutMetricDataCommand({ Namespace, MetricData }))
    return (await findAlarm(aws, named)).StateValue === until || undefined
  })
}

/** The event that EventBridge delivers when this value makes the alarm fire, or recover. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function alarmEvent({ name, namespace, metric, dimensions, threshold }: TestAlarm, value: number): object {
  const time = new Date().toISOString()
  const fires = value > threshold
  const [state, before] = fires ? ['ALARM', 'OK'] : ['OK', 'ALARM']
  const reason = `Threshold Crossed: 1 out of the last 1 datapoints [${value}] was ${fires ? '' : 'not '}greater than the threshold (${threshold}).`
  const metricStat = { metric: { namespace, name: metric, dimensions }, period: 60, stat: 'Sum' }
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: ACCOUNT,
    time,
    region: REGION,
    resources: [`arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`],
    detail: {
      alarmName: name,
      state: { value: state, reason, timestamp: time.replace('Z', '+0000') },
      previousState: { value: before },
      configuration: { metrics: [{ metricStat, returnData: true }] },
    },
  }
}
