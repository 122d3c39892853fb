// What did CloudWatch say? Turns any message that can reach the queue into an alarm change, a reason to ignore it, or a reason why it cannot be read.
import { list, record, text, type Json } from '../json.ts'
import { fromDetail, readNotification } from './cloudwatch.ts'
import { noticeIn, noticeInText } from './other-notices.ts'
import { brief, ignored, unreadable, type Reading } from './reading.ts'

export type { Reading } from './reading.ts'
export { keyOf, timeOf } from './cloudwatch.ts'

/** An envelope in an envelope in an envelope (EventBridge → SNS → SQS) is as deep as AWS goes. */
const DEEPEST_ENVELOPE = 4

/** Reads the raw body of a queue message. `receivedAt` (ms) stands in if the message has no time of its own. */
export function readBody(body: string, receivedAt: number): Reading {
  return readText(body, receivedAt, 0, undefined)
}

/** Reads a message that is already parsed. */
export function read(message: unknown, receivedAt: number): Reading {
  return typeof message === 'string' ? readBody(message, receivedAt) : readMessage(message, receivedAt, 0, undefined)
}

function readText(body: string, receivedAt: number, depth: number, topicArn: string | undefined): Reading {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    const notice = topicArn === undefined ? undefined : noticeInText(body)
    return notice === undefined ? unreadable('it is not JSON') : ignored(notice)
  }
  return readMessage(parsed, receivedAt, depth, topicArn)
}

function readMessage(value: unknown, receivedAt: number, depth: number, topicArn: string | undefined): Reading {
  if (depth > DEEPEST_ENVELOPE) return unreadable('it is wrapped too many times')
  if (typeof value === 'string') return readText(value, receivedAt, depth + 1, topicArn)
  const message = record(value)
  if (!message) return unreadable('it is not a JSON object')

  if ('AlarmName' in message || 'NewStateValue' in message) return readNotification(message, receivedAt, topicArn)
  if ('alarmData' in message) return readLambdaAction(message, receivedAt)
  if ('detail-type' in message || 'detail' in message) return readEvent(message, receivedAt)
  if ('Message' in message || 'SubscribeURL' in message) return readSns(message, receivedAt, depth)

  const records = list(message['Records'])
  if (records.length === 1) {
    const only = record(records[0])
    const inner = record(only?.['Sns']) ?? only?.['body']
    if (inner !== undefined) return readMessage(inner, receivedAt, depth + 1, topicArn)
  }
  const notice = noticeIn(message)
  if (notice !== undefined) return ignored(notice)
  return unreadable('it does not look like any alarm message that CloudWatch, EventBridge or SNS sends')
}

function readSns(envelope: Json, receivedAt: number, depth: number): Reading {
  const type = text(envelope['Type'])
  if (type === 'SubscriptionConfirmation' || type === 'UnsubscribeConfirmation')
    return ignored(`SNS ${type === 'SubscriptionConfirmation' ? 'subscription' : 'unsubscribe'} confirmation`)
  const inner = envelope['Message']
  if (inner === undefined) return unreadable('it is an SNS envelope without a message')
  return readMessage(inner, receivedAt, depth + 1, text(envelope['TopicArn']))
}

const STATE_CHANGES = new Set(['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'])

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const CONFIGURATION_CHANGE = 'CloudWatch Alarm Configuration Change'

function readEvent(event: Json, receivedAt: number): Reading {
  const type = text(event['detail-type'])
  const source = text(event['source'])
  if (source !== undefined && source !== 'aws.cloudwatch')
    return ignored(`an event of ${brief(source)}, not of CloudWatch`)
  const detail = record(event['detail'])
  const isDeletion = type === CONFIGURATION_CHANGE && detail?.['operation'] === 'delete'
  if (type === CONFIGURATION_CHANGE && !isDeletion)
    return ignored("a change of an alarm's configuration, not of its state")
  if (!detail) return unreadable('it is an event without details')
  if (type !== undefined && !STATE_CHANGES.has(type) && !isDeletion) {
    if (source === 'aws.cloudwatch') return ignored(`a CloudWatch event of type ${brief(type)}, not an alarm's state`)
    return unreadable(`it is an event of the unknown type ${brief(type)}`)
  }
  const read = isDeletion ? { ...detail, state: { value: 'DELETED', timestamp: event['time'] } } : detail
  return fromDetail(read, {
    resources: event['resources'],
    account: text(event['account']),
    region: text(event['region']),
    time: event['time'],
    receivedAt,
  })
}

function readLambdaAction(action: Json, receivedAt: number): Reading {
  const detail = record(action['alarmData'])
  if (!detail) return unreadable('it is a Lambda alarm action without alarm data')
  return fromDetail(detail, {
    resources: [action['alarmArn']],
    account: text(action['accountId']),
    region: text(action['region']),
    time: action['time'],
    receivedAt,
  })
}
