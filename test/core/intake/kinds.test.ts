// What is read from every kind of alarm: one metric, metric math, a band, other alarms, a query, logs; and of alarms that are held back.
import { AT, changeIn, detailOf, event, lambdaAction, metricStat, reasonData, reasonOf } from './messages.ts'
import { stateOf, take, type Json } from './messages.ts'

const math = {
  description: 'Too many requests fail',
  metrics: [
    { id: 'e1', expression: 'errors / requests * 100', label: 'Error rate', returnData: true },
    { ...metricStat('AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', { LoadBalancer: 'app/shop/1' }), id: 'errors' },
    { ...metricStat('AWS/ApplicationELB', 'RequestCount', { LoadBalancer: 'app/shop/1' }), id: 'requests' },
  ].map((metric, place) => ({ ...metric, returnData: place === 0 })),
}

const anomaly = {
  metrics: [
    { id: 'm1', metricStat: metricStat('AWS/Lambda', 'Invocations', { FunctionName: 'pay' })['metricStat'] },
    { id: 'ad1', expression: 'ANOMALY_DETECTION_BAND(m1, 2)', label: 'Invocations (expected)', returnData: true },
  ].map((metric) => ({ ...metric, returnData: true })),
}
const outOfBand = stateOf({
  reason:
    'Thresholds Crossed: 1 out of the last 1 datapoints [0.0 (02/05/24 14:38:00)] was less than the lower thresholds [12.1] or greater than the upper thresholds [80.5] (minimum 1 datapoint for OK -> ALARM transition).',
  reasonData: reasonData({
    threshold: undefined,
    recentDatapoints: [0],
    recentLowerThresholds: [12.1],
    recentUpperThresholds: [80.5],
  }),
})

const composite = (state: Json, configuration: Json = {}): Json =>
  event(
    detailOf({
      alarmName: 'shop-down',
      configuration: { alarmRule: 'ALARM(a) AND NOT ALARM(b)', actionsSuppressor: 'deploying', ...configuration },
      state: { value: 'ALARM', timestamp: '2024-05-02T14:39:10.000+0000', reason: 'a was in ALARM', ...state },
    }),
  )

const query = {
  metrics: [
    { id: 'q1', expression: 'SELECT MAX(CPUUtilization) FROM "AWS/EC2" GROUP BY InstanceId', returnData: true },
  ],
}
const contributor = (id: string, state: Json = {}): Json =>
  event(
    {
      alarmName: 'fleet-cpu',
      configuration: query,
      alarmContributor: { id, attributes: { InstanceId: `i-${id}` } },
      state: stateOf({ reason: reasonOf('99.5', 'greater than', '90.0'), reasonData: undefined, ...state }),
    },
    { 'detail-type': 'CloudWatch Alarm Contributor State Change' },
  )

const minutes = (n: number): number => n * 60_000

describe('each kind of alarm', () => {
  test.each<[string, Json, Json]>([
    [
      'metric math names the first metric it is made of',
      event(
        detailOf({
          configuration: math,
          state: stateOf({ reason: reasonOf('7.5', 'greater than', '5.0'), reasonData: undefined }),
        }),
      ),
      {
        metric: 'HTTPCode_Target_5XX_Count',
        value: 7.5,
        threshold: 5,
        side: 'above',
        computed: true,
        dimensions: { LoadBalancer: 'app/shop/1' },
      },
    ],
    [
      'a band has no single threshold',
      event(detailOf({ configuration: anomaly, state: outOfBand })),
      { metric: 'Invocations', value: 0, side: 'outside', dimensions: { FunctionName: 'pay' } },
    ],
    ['a composite alarm has no metric', composite({}), { name: 'shop-down', state: 'ALARM' }],
    [
      'a Metrics Insights alarm names the metric of its query',
      event(
        detailOf({
          alarmName: 'fleet-cpu',
          configuration: query,
          state: stateOf({ reason: '6 out of 6 time series evaluated to ALARM', reasonData: undefined }),
        }),
      ),
      { name: 'fleet-cpu', state: 'ALARM', metric: 'CPUUtilization', computed: undefined },
    ],
    [
      'one time series of it is told apart',
      contributor('6d442278dba546f6'),
      { contributor: '6d442278dba546f6', dimensions: { InstanceId: 'i-6d442278dba546f6' }, value: 99.5, threshold: 90 },
    ],
    [
      'a log alarm is an alarm like any other',
      event(
        detailOf({
          alarmName: 'errors-in-logs',
          configuration: {
            logGroups: ['/aws/lambda/pay'],
            query: 'fields @message | filter @message like /ERROR/',
            metrics: [],
          },
        }),
      ),
      { name: 'errors-in-logs', state: 'ALARM' },
    ],
    [
      'without dimensions',
      event(detailOf({ configuration: { metrics: [metricStat('Custom', 'Orders')] } })),
      { metric: 'Orders' },
    ],
    [
      'with only a name and a state',
      { detail: { alarmName: 'x', state: { value: 'OK' } } },
      { name: 'x', state: 'OK' },
    ],
    ['with only a name and a state, by SNS', { AlarmName: 'x', NewStateValue: 'ALARM' }, { name: 'x', state: 'ALARM' }],
    [
      'with only a name and a state, by Lambda',
      lambdaAction({ alarmName: 'x', state: { value: 'ALARM' } }),
      { name: 'x' },
    ],
  ])('%s', (_, message, expected) => {
    expect(changeIn(take(message))).toMatchObject(expected)
  })

  test('a band tells no threshold at all', () => {
    const { threshold } = changeIn(take(event(detailOf({ configuration: anomaly, state: outOfBand }))))
    expect(threshold).toBeUndefined()
  })

  test('without dimensions there are none, not an empty list', () => {
    const { dimensions } = changeIn(take(event(detailOf({ configuration: { metrics: [metricStat('A', 'B')] } }))))
    expect(dimensions).toBeUndefined()
  })

  test('two time series of one alarm are two alarms, and the alarm itself a third', () => {
    const keys = [contributor('a'), contributor('b'), event(detailOf({ alarmName: 'fleet-cpu' }))]
    expect(new Set(keys.map((message) => changeIn(take(message)).key)).size).toBe(3)
  })
})

describe('what CloudWatch itself holds back says until when', () => {
  test.each<[string, Json, number | undefined]>([
    ['a composite alarm that fires', composite({}), undefined],
    ['a composite alarm that still fires', composite({ actionsSuppressedBy: null }), undefined],
    [
      'suppressed by another alarm',
      composite({ actionsSuppressedBy: 'Alarm', actionsSuppressedReason: 'x' }),
      AT + minutes(24 * 60),
    ],
    [
      'waiting for its suppressor',
      composite({ actionsSuppressedBy: 'WaitPeriod' }, { actionsSuppressorWaitPeriod: 120 }),
      AT + minutes(2),
    ],
    ['waiting, nobody says how long', composite({ actionsSuppressedBy: 'WaitPeriod' }), AT + minutes(1)],
    [
      'muted',
      event(
        detailOf({
          muteDetail: {
            mutedByArn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm-mute-rule:nightly',
            muteWindowStart: '2024-05-02T14:00:00.000+0000',
            muteWindowEnd: '2024-05-02T15:00:00.000+0000',
          },
        }),
      ),
      Date.parse('2024-05-02T15:00:00Z'),
    ],
  ])('%s', (_, message, until) => {
    const change = changeIn(take(message))
    expect(change.state).toBe('ALARM')
    expect(change.quietUntil).toBe(until)
  })
})
