// Odd but valid: messages that CloudWatch may well send, all of which must come in as alarms.
import { ACCOUNT, arnOf, changeIn, detailOf, envelope, event, lambdaAction, metricStat, NAME } from './messages.ts'
import { notification, RECEIVED, reasonData, reasonOf, stateOf, take, type Json } from './messages.ts'
import { read } from '../../../lambda/core/intake/envelopes.ts'

const NAMES: Record<string, string> = {
  'in Chinese': '磁盘空间不足',
  'in Arabic': 'تنبيه القرص',
  'with an emoji': '🔥 prod is on fire 🔥',
  'with accents, composed': 'Größe überschritten',
  'with accents, decomposed': 'Größe',
  'with slashes': 'prod/shop/checkout/5xx',
  'with backslashes': 'C:\\disk\\full',
  'with quotes': `the "big" one's 'fault'`,
  'with Slack marks': '<!channel> *now* _really_ `rm -rf` :fire: <@U123> ~no~ &amp;',
  'with colons': 'arn:aws:cloudwatch:eu-central-1:1:alarm:inner',
  'with spaces around': '  spaced  ',
  'of one letter': 'x',
  'of 255 letters': 'n'.repeat(255),
  'of 255 emoji': '🦉'.repeat(255),
  'like a number': '12345',
  'like zero': '0',
  'like true': 'true',
  'like null': 'null',
  'like JSON': '{"alarmName":"inner"}',
  'like a script': '<script>alert(1)</script>',
  'like a path': '../../etc/passwd',
  'like a query': "'; DROP TABLE alarms; --",
  'like a template': '${jndi:ldap://x}',
  'of a prototype': '__proto__',
  'of a constructor': 'constructor',
  'with a line separator': 'a\u2028b',
  'right to left': '\u202egnimoc',
  'with half a surrogate': 'a\ud83d',
  'with a NUL': 'a\u0000b',
  'like a state': 'ALARM',
}

const withState = (change: Json): Json => event(detailOf({ state: stateOf(change) }))
const withTrigger = (change: Json): Json =>
  notification({ Trigger: { ...(notification()['Trigger'] as Json), ...change } })
const without = (message: Json, ...fields: string[]): Json =>
  Object.fromEntries(Object.entries(message).filter(([field]) => !fields.includes(field)))

const MESSAGES: Record<string, Json> = {
  'of China': event(detailOf(), { region: 'cn-north-1', resources: [arnOf(NAME, 'aws-cn', 'cn-north-1')] }),
  'of GovCloud': event(detailOf(), { region: 'us-gov-west-1', resources: [arnOf(NAME, 'aws-us-gov')] }),
  'of the sovereign cloud': event(detailOf(), { region: 'eusc-de-east-1', resources: [arnOf(NAME, 'aws-eusc')] }),
  'of an account with zeros': event(detailOf(), { account: '000000000001' }),
  'that waits for data': withState({
    value: 'INSUFFICIENT_DATA',
    reason: 'Insufficient Data: 1 datapoint was unknown.',
  }),
  'just created': withState({ reason: 'Unchecked: Initial alarm creation', reasonData: undefined }),
  'set by hand': withState({ reason: 'testing', reasonData: '{}' }),
  'set by hand with its own data': withState({ reasonData: '{"why":"drill"}' }),
  'without a reason': withState({ reason: undefined, reasonData: undefined }),
  'with an empty reason': withState({ reason: '', reasonData: '' }),
  'with a huge reason': withState({ reason: 'because '.repeat(20_000) }),
  'with reason data that was cut off': withState({ reasonData: reasonData().slice(0, 80) }),
  'with reason data as an object': withState({ reasonData: { recentDatapoints: [1] } }),
  'with reason data of null': withState({ reasonData: 'null' }),
  'with reason data of a list': withState({ reasonData: '[1,2]' }),
  'with tiny numbers': withState({ reason: reasonOf('1.0E-12', 'greater than', '0.0'), reasonData: undefined }),
  'with huge numbers': withState({ reason: reasonOf('1.7976931348623157E308', 'greater than', '1.0E9') }),
  'with many data points': withState({ reasonData: reasonData({ recentDatapoints: Array(1_440).fill(0.5) }) }),
  'with evaluated data points': withState({
    reasonData: reasonData({ evaluatedDatapoints: [{ timestamp: '2024-05-02T14:38:00.000+0000', value: 1 }] }),
  }),
  'without a time stamp': event(detailOf({ state: stateOf({ timestamp: undefined }) }), { time: undefined }),
  'with a time in a number': withState({ timestamp: 1_714_660_750.123 }),
  'with nanoseconds': withState({ timestamp: '2024-05-02T14:39:10.123456789Z' }),
  'without an id, version or resources': without(event(), 'id', 'version', 'resources'),
  'without source and type': without(event(), 'source', 'detail-type'),
  'without a configuration': event(detailOf({ configuration: undefined })),
  'with a configuration of null': event(detailOf({ configuration: null })),
  'without metrics': event(detailOf({ configuration: {} })),
  'with 500 metrics': event(detailOf({ configuration: { metrics: Array(500).fill(metricStat('A', 'B')) } })),
  'with 30 dimensions': event(
    detailOf({
      configuration: {
        metrics: [metricStat('A', 'B', Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, `${i}`])))],
      },
    }),
  ),
  'without a previous state': event(without(detailOf(), 'previousState')),
  'ALARM to ALARM': event(detailOf({ previousState: stateOf() })),
  'with tags': event(detailOf({ alarmTags: { team: 'studio', 'cost:center': '42' }, alarmTagsStatus: 'COMPLETE' })),
  'with fields of tomorrow': event(detailOf({ evaluation: { mode: 'NEW' } }), { replayName: 'again', x: [{}] }),
  'twice over SNS': envelope(envelope(notification())),
  'by SNS with attributes': envelope(notification(), { MessageAttributes: { a: { Type: 'String', Value: 'b' } } }),
  'by SNS FIFO': envelope(notification(), { SequenceNumber: '10000000000000003000' }),
  'by SNS without a type': without(envelope(notification()), 'Type', 'TopicArn', 'Signature'),
  'by SNS without an ARN': without(notification(), 'AlarmArn', 'AlarmActions'),
  'by SNS without a trigger': without(notification(), 'Trigger'),
  'by SNS without a description': notification({ AlarmDescription: null }),
  'by SNS with a composite trigger': notification({ Trigger: undefined, AlarmRule: 'ALARM(a)' }),
  'by SNS with texts for numbers': withTrigger({ Period: '60', Threshold: '4294967296', EvaluationPeriods: '1' }),
  'by SNS with a percentile': withTrigger({ Statistic: undefined, ExtendedStatistic: 'p99.9' }),
  'by SNS with metric math': withTrigger({
    MetricName: undefined,
    Metrics: [
      { Id: 'e1', Expression: 'm1*2', ReturnData: true },
      {
        Id: 'm1',
        MetricStat: { Metric: { MetricName: 'M', Namespace: 'N', Dimensions: [] }, Period: 60, Stat: 'Sum' },
      },
    ],
  }),
  'by SNS with dimensions of null': withTrigger({ Dimensions: null }),
  'by SNS with Name and Value': withTrigger({ Dimensions: [{ Name: 'Broker', Value: 'b' }] }),
  'by Lambda of a composite alarm': lambdaAction(
    detailOf({ configuration: { alarmRule: 'ALARM(a)', actionsSuppressor: 'b' } }),
  ),
  'by Lambda without an ARN': lambdaAction(detailOf(), { alarmArn: undefined }),
  'by Lambda with a thin region': lambdaAction(detailOf(), { region: undefined, accountId: undefined }),
  'with everything else damaged': event(
    {
      alarmName: NAME,
      state: { value: 'OK', timestamp: {}, reason: 7, reasonData: [] },
      configuration: 'x',
      previousState: 4,
      muteDetail: true,
      alarmContributor: [],
    },
    { version: [], id: {}, account: 12, region: null, time: false, resources: 'none' },
  ),
  'with metrics damaged': event(
    detailOf({ configuration: { metrics: [null, 7, 'x', [], { metricStat: 'y' }, { metricStat: { metric: 3 } }] } }),
  ),
  'by SNS with everything else damaged': notification({
    NewStateReason: 1,
    StateChangeTime: [],
    AWSAccountId: 12,
    AlarmArn: {},
    AlarmActions: 'x',
    Trigger: [1],
  }),
}

test('there are many of them', () => {
  expect(Object.keys(NAMES).length * 2 + Object.keys(MESSAGES).length).toBeGreaterThanOrEqual(100)
})

describe('an alarm whose name is', () => {
  test.each(Object.entries(NAMES))('%s keeps it', (_, name) => {
    const ways = [event(detailOf({ alarmName: name })), notification({ AlarmName: name, AlarmArn: arnOf(name) })]
    const [one, other] = ways.map((message) => changeIn(take(message)))
    expect([one!.name, other!.name]).toEqual([name, name])
    expect(one!.key).toBe(other!.key)
  })
})

describe('an alarm', () => {
  test.each(Object.entries(MESSAGES))('%s is read', (_, message) => {
    const change = changeIn(take(message))
    expect(change.name).toBe(NAME)
    expect(change.key).toMatch(/^[\w-]{16}$/)
    expect(change.at).toBeLessThanOrEqual(RECEIVED)
    expect(changeIn(read(message, RECEIVED))).toEqual(change)
    expect(JSON.stringify(change).length).toBeLessThan(5_000)
  })
})

test('a region that only an ARN tells is found', () => {
  const { region, account } = changeIn(take(lambdaAction(detailOf(), { region: undefined, accountId: undefined })))
  expect([region, account]).toEqual(['eu-central-1', ACCOUNT])
})
