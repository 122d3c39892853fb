// How every message format is read, and the reasons given if it is not an alarm.
import { read, readBody } from '../../../lambda/core/intake/envelopes.ts'
import { ACCOUNT, arnOf, AT, changeIn, detailOf, envelope, event, FORMS, lambdaAction } from './messages.ts'
import { NAME, notification, RECEIVED, REGION, stateOf, take } from './messages.ts'
import { containing } from '../matchers.ts'

describe('an alarm in any form', () => {
  test.each(Object.entries(FORMS))('%s tells all of it', (_, message) => {
    expect(changeIn(take(message))).toMatchObject({
      name: NAME,
      state: 'ALARM',
      at: AT,
      account: ACCOUNT,
      region: REGION,
      namespace: 'AWS/AmazonMQ',
      metric: 'RabbitMQDiskFree',
      dimensions: { Broker: 'studio-broker' },
      value: 4_080_218_931,
      threshold: 4_294_967_296,
      side: 'below',
    })
  })

  test('has the same key and time whichever way it comes', () => {
    const changes = Object.values(FORMS).map((message) => changeIn(take(message)))
    expect(new Set(changes.map(({ key, at }) => `${key} ${at}`)).size).toBe(1)
  })

  test('is read alike as text and parsed', () => {
    for (const message of Object.values(FORMS)) expect(read(message, RECEIVED)).toEqual(take(message))
  })

  test.each([
    ['another name', event(detailOf({ alarmName: 'other' }))],
    ['another account', event(detailOf(), { account: '999999999999' })],
    ['another region', event(detailOf(), { region: 'us-east-1' })],
    ['another time series', event(detailOf({ alarmContributor: { id: '6d442278dba546f6', attributes: {} } }))],
  ])('has another key with %s', (_, message) => {
    expect(changeIn(take(message)).key).not.toBe(changeIn(take(event())).key)
  })

  test.each(['ALARM', 'OK', 'INSUFFICIENT_DATA'])('can be %s', (value) => {
    expect(changeIn(take(event(detailOf({ state: stateOf({ value }) })))).state).toBe(value)
    expect(changeIn(take(notification({ NewStateValue: value }))).state).toBe(value)
  })
})

describe('the time of a change', () => {
  test.each([
    ['of the state first', event(detailOf(), { time: '2024-05-02T15:00:00Z' }), AT],
    ['of the event where the state has none', event(detailOf({ state: { value: 'OK' } })), AT],
    ['in another zone', notification({ StateChangeTime: '2024-05-02T16:39:10.000+0200' }), AT],
    ['in seconds', event(detailOf({ state: stateOf({ timestamp: AT / 1000 }) })), AT],
    ['in milliseconds', event(detailOf({ state: stateOf({ timestamp: AT }) })), AT],
    ['of receipt where there is none', notification({ StateChangeTime: undefined }), RECEIVED],
    ['of receipt where it is not a time', notification({ StateChangeTime: 'yesterday' }), RECEIVED],
    ['of receipt where it is before CloudWatch', notification({ StateChangeTime: '1999-01-01T00:00:00Z' }), RECEIVED],
    ['of receipt where it lies ahead', notification({ StateChangeTime: '2031-01-01T00:00:00Z' }), RECEIVED],
  ])('is that %s', (_, message, at) => {
    expect(changeIn(take(message)).at).toBe(at)
  })
})

describe('what is no change of an alarm is ignored, with its reason', () => {
  test.each<[string, unknown, string]>([
    [
      'a changed configuration',
      event(detailOf(), { 'detail-type': 'CloudWatch Alarm Configuration Change' }),
      'config',
    ],
    ['an SNS subscription', envelope('You have chosen…', { Type: 'SubscriptionConfirmation' }), 'subscription'],
    ['an SNS farewell', envelope('You have chosen…', { Type: 'UnsubscribeConfirmation' }), 'unsubscribe'],
    ['an event of EC2', { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change', detail: {} }, 'aws.ec2'],
    ['an event of an application', event(detailOf(), { source: 'my.app' }), 'my.app'],
    ['another event of CloudWatch', event({}, { 'detail-type': 'CloudWatch Synthetics Result' }), 'Synthetics'],
    ['an ignored event by way of SNS', envelope(event(detailOf(), { source: 'aws.health' })), 'aws.health'],
  ])('%s', (_, message, reason) => {
    expect(take(message)).toEqual({ is: 'ignored', reason: containing(reason) })
  })
})

const nested = (depth: number): unknown => (depth === 0 ? event() : envelope(nested(depth - 1)))
const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth)

describe('what cannot be read says why', () => {
  test.each<[string, string, string]>([
    ['an empty body', '', 'not JSON'],
    ['white space', ' \n', 'not JSON'],
    ['a sentence', 'Hello, alarm!', 'not JSON'],
    ['XML', '<alarm name="x"/>', 'not JSON'],
    ['an event that was cut off', JSON.stringify(event()).slice(0, 300), 'not JSON'],
    ['two events in one body', JSON.stringify(event()).repeat(2), 'not JSON'],
    ['a number', '42', 'not a JSON object'],
    ['true', 'true', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['a string', '"hello"', 'not JSON'],
    ['an empty list', '[]', 'not a JSON object'],
    ['a list of events', JSON.stringify([event()]), 'not a JSON object'],
    ['an empty object', '{}', 'does not look like'],
    ['deep lists', deep(5_000, '[', ']'), 'not a JSON object'],
    ['deep objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 'does not look like'],
    ['an event wrapped without end', JSON.stringify(nested(6)), 'wrapped too many times'],
    ['an SNS envelope around nothing', JSON.stringify(envelope('')), 'not JSON'],
    [
      'an SNS envelope without a message',
      JSON.stringify({ Type: 'Notification', SubscribeURL: 'x' }),
      'without a message',
    ],
    ['an event without a name', JSON.stringify(event({ state: stateOf() }, { resources: [] })), 'without the name'],
    ['an event with an empty name', JSON.stringify(event(detailOf({ alarmName: '' }), { resources: [] })), 'the name'],
    ['an event without a state', JSON.stringify(event(detailOf({ state: undefined }))), `${NAME} has no valid state`],
    ['an event in no known state', JSON.stringify(event(detailOf({ state: { value: 'alarm' } }))), 'valid state'],
    ['an event without details', JSON.stringify(event(undefined, { detail: null })), 'without details'],
    ['a notification without a name', JSON.stringify({ NewStateValue: 'OK' }), 'without the name'],
    ['a notification without a state', JSON.stringify({ AlarmName: 'x' }), 'x has no valid state'],
    ['a Lambda action without data', JSON.stringify(lambdaAction(undefined, { alarmData: [] })), 'without alarm data'],
    ['an unknown event of nobody', JSON.stringify({ 'detail-type': 'Something', detail: {} }), 'unknown type'],
    ['Lambda records of nothing', '{"Records":[]}', 'does not look like'],
  ])('%s', (_, body, reason) => {
    expect(readBody(body, RECEIVED)).toEqual({ is: 'unreadable', reason: containing(reason) })
  })

  test('a reason never repeats a long name in full', () => {
    const reading = take(event(detailOf({ alarmName: 'x'.repeat(5_000), state: {} })))
    expect(reading.is === 'unreadable' && reading.reason.length).toBeLessThan(150)
  })
})

test('a name that is missing is found in the ARN, colons included', () => {
  const message = event({ state: stateOf() }, { resources: ['arn:aws:sns:x', arnOf('db:cpu:high')] })
  expect(changeIn(take(message)).name).toBe('db:cpu:high')
})
