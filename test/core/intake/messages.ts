// Messages as CloudWatch, EventBridge and SNS send them, for tests: one alarm in every form, and every kind of alarm.
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { readBody, type Reading } from '../../../lambda/core/intake/envelopes.ts'

export type Json = Record<string, unknown>

export const ACCOUNT = '123456789012'
export const REGION = 'eu-central-1'
export const NAME = 'broker-disk-free-low'
export const AT = Date.parse('2024-05-02T14:39:10Z')
/** A minute later: when the message is taken from the queue. */
export const RECEIVED = AT + 60_000

export const arnOf = (name: string, partition = 'aws', region = REGION): string =>
  `arn:${partition}:cloudwatch:${region}:${ACCOUNT}:alarm:${name}`

/** The wording of a metric alarm's reason; `beyond` is `less than` or `greater than`. */
export const reasonOf = (value: string, beyond: string, threshold: string): string =>
  `Threshold Crossed: 1 out of the last 1 datapoints [${value} (02/05/24 14:38:00)] was ${beyond} the threshold (${threshold}) (minimum 1 datapoint for OK -> ALARM transition).`

export const reasonData = (extra: Json = {}): string =>
  JSON.stringify({
    version: '1.0',
    queryDate: '2024-05-02T14:39:10.000+0000',
    startDate: '2024-05-02T14:38:00.000+0000',
    statistic: 'Minimum',
    period: 60,
    recentDatapoints: [6_000_000_000, 4_080_218_931],
    threshold: 4_294_967_296,
    ...extra,
  })

const REASON = reasonOf('4.080218931E9', 'less than', '4.294967296E9')

export const metricStat = (namespace: string, name: string, dimensions: Json = {}): Json => ({
  id: 'm1',
  metricStat: { metric: { namespace, name, dimensions }, period: 60, stat: 'Minimum' },
  returnData: true,
})

const STATE = { value: 'ALARM', timestamp: '2024-05-02T14:39:10.000+0000', reason: REASON, reasonData: reasonData() }
const METRICS = [metricStat('AWS/AmazonMQ', 'RabbitMQDiskFree', { Broker: 'studio-broker' })]

/** EventBridge's `detail`, a Lambda action's `alarmData`. */
export const detailOf = (change: Json = {}): Json => ({
  alarmName: NAME,
  configuration: { description: 'The broker runs out of disk', metrics: METRICS },
  previousState: { value: 'OK', timestamp: '2024-05-02T13:00:00.000+0000', reason: 'fine', reasonData: reasonData() },
  state: STATE,
  ...change,
})

export const stateOf = (change: Json = {}): Json => ({ ...STATE, ...change })

export const event = (detail: Json = detailOf(), change: Json = {}): Json => ({
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: ACCOUNT,
  time: '2024-05-02T14:39:10Z',
  region: REGION,
  resources: [arnOf(String(detail['alarmName']))],
  detail,
  ...change,
})

/** The message of an alarm's SNS action. */
export const notification = (change: Json = {}): Json => ({
  AlarmName: NAME,
  AlarmDescription: 'The broker runs out of disk',
  AWSAccountId: ACCOUNT,
  AlarmConfigurationUpdatedTimestamp: '2024-01-01T00:00:00.000+0000',
  NewStateValue: 'ALARM',
  NewStateReason: REASON,
  StateChangeTime: '2024-05-02T14:39:10.000+0000',
  Region: 'EU (Frankfurt)',
  AlarmArn: arnOf(NAME),
  OldStateValue: 'OK',
  OKActions: [],
  AlarmActions: [`arn:aws:sns:${REGION}:${ACCOUNT}:alarms`],
  InsufficientDataActions: [],
  Trigger: {
    MetricName: 'RabbitMQDiskFree',
    Namespace: 'AWS/AmazonMQ',
    StatisticType: 'Statistic',
    Statistic: 'MINIMUM',
    Unit: null,
    Dimensions: [{ value: 'studio-broker', name: 'Broker' }],
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 4_294_967_296,
    TreatMissingData: 'missing',
    EvaluateLowSampleCountPercentile: '',
  },
  ...change,
})

export const envelope = (message: unknown, change: Json = {}): Json => ({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:alarms`,
  Subject: `ALARM: "${NAME}" in EU (Frankfurt)`,
  Message: typeof message === 'string' ? message : JSON.stringify(message),
  Timestamp: '2024-05-02T14:39:11.000Z',
  SignatureVersion: '1',
  Signature: 'EXAMPLE',
  SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/cert.pem',
  UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
  ...change,
})

export const lambdaRecord = (message: Json): Json => ({
  Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: 'arn:…', Sns: envelope(message) }],
})

/** The event with which CloudWatch invokes a Lambda function. */
export const lambdaAction = (alarmData: Json = detailOf(), change: Json = {}): Json => ({
  source: 'aws.cloudwatch',
  alarmArn: arnOf(String(alarmData['alarmName'])),
  accountId: ACCOUNT,
  time: '2024-05-02T14:39:10.012+0000',
  region: REGION,
  alarmData,
  ...change,
})

/** The same alarm, in every form in which it can reach the queue. */
export const FORMS: Record<string, unknown> = {
  'an EventBridge event': event(),
  'an SNS envelope': envelope(notification()),
  'SNS raw delivery': notification(),
  'an SNS record of Lambda': lambdaRecord(notification()),
  'a Lambda alarm action': lambdaAction(),
  'an EventBridge event in an SNS envelope': envelope(event()),
  'a record of SQS that holds an SNS envelope': { Records: [{ body: JSON.stringify(envelope(notification())) }] },
}

/** Reads it as it comes from the queue. */
export const take = (message: unknown): Reading => readBody(JSON.stringify(message), RECEIVED)

export function changeIn(reading: Reading): Change {
  if (reading.is !== 'alarm') throw new Error(`${reading.is}: ${reading.reason}`)
  return reading.change
}
