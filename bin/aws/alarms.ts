// CloudWatch alarms: the one that `test-alarm` creates, and those that `init` finds.
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import { CLIENT, once } from './client.ts'

const client = once(() => new CloudWatchClient(CLIENT))

/** An alarm on a metric that nobody writes: it keeps the state it is set to. `actions`: ARNs that are notified of every change. */
export async function putTestAlarm(AlarmName: string, actions: string[]): Promise<void> {
  await client().send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmDescription: 'A test of Tocsin, made by "tocsin test-alarm", which also deletes it.',
      Namespace: 'Tocsin',
      MetricName: 'TestAlarm',
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
      AlarmActions: actions,
      OKActions: actions,
    }),
  )
}

export async function setAlarm(AlarmName: string, StateValue: StateValue, StateReason: string): Promise<void> {
  await client().send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }))
}

export async function deleteAlarm(name: string): Promise<void> {
  await client().send(new DeleteAlarmsCommand({ AlarmNames: [name] }))
}

export async function stateOf(name: string): Promise<{ arn: string; state: string } | undefined> {
  const { MetricAlarms: [alarm] = [] } = await client().send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
  return alarm && { arn: alarm.AlarmArn ?? '', state: alarm.StateValue ?? '' }
}
