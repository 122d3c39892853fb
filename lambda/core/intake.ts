// What did CloudWatch say? Turns any message that can reach the queue into an alarm change, a reason to ignore it, or a reason why it cannot be read.
import { hash } from 'node:crypto'
import type { AlarmState, Change } from './alarm.ts'
import { measure } from './measure.ts'

export type Reading =
  { is: 'alarm'; change: Change } | { is: 'ignored'; reason: string } | { is: 'unreadable'; reason: string }

const ignored = (reason: string): Reading => ({ is: 'ignored', reason })
const unreadable = (reason: string): Reading => ({ is: 'unreadable', reason })

type Json = Record<string, unknown>
const record = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** An envelope in an envelope in an envelope (EventBridge → SNS → SQS) is as deep as AWS goes. */
const DEEPEST_ENVELOPE = 4

/** Reads the raw body of a queue message. `receivedAt` (ms) stands in where the message has lost its own time. */
export function readBody(body: string, receivedAt: number): Reading {
  return readText(body, receivedAt, 0, undefined)
}

/** Reads a message that is parsed already. */
export function read(message: unknown, receivedAt: number): Reading {
  return typeof message === 'string' ? readBody(message, receivedAt) : readMessage(message, receivedAt, 0, undefined)
}

function readText(body: string, receivedAt: number, depth: number, topicArn: string | undefined): Reading {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return unreadable('it is not JSON')
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
  return unreadable('it has the shape of no alarm message that CloudWatch, EventBridge or SNS sends')
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

function readEvent(event: Json, receivedAt: number): Reading {
  const type = text(event['detail-type'])
  const source = text(event['source'])
  if (source !== undefined && source !== 'aws.cloudwatch')
    return ignored(`an event of ${brief(source)}, not of CloudWatch`)
  if (type === 'CloudWatch Alarm Configuration Change')
    return ignored("a change of an alarm's configuration, not of its state")
  const detail = record(event['detail'])
  if (!detail) return unreadable('it is an event without details')
  if (type !== undefined && !STATE_CHANGES.has(type)) {
    if (source === 'aws.cloudwatch') return ignored(`a CloudWatch event of type ${brief(type)}, not an alarm's state`)
    return unreadable(`it is an event of the unknown type ${brief(type)}`)
  }
  return fromDetail(detail, {
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

interface Origin {
  /** Where the alarm's ARN is, should a part of it be wanted. */
  resources: unknown
  account: string | undefined
  region: string | undefined
  time: unknown
  receivedAt: number
}

/** `detail` of EventBridge and `alarmData` of a Lambda action have the same shape. */
function fromDetail(detail: Json, origin: Origin): Reading {
  const state = record(detail['state'])
  const value = stateOf(state?.['value'] ?? detail['state'])
  const name = text(detail['alarmName']) ?? nameInArn(arnOf(origin))
  if (name === undefined) return unreadable('it is an alarm event without the name of its alarm')
  if (value === undefined) return unreadable(`the alarm ${brief(name)} has no valid state`)

  const configuration = record(detail['configuration'])
  const metrics = list(configuration?.['metrics'])
  const stat = statOf(metrics, 'metricStat', 'returnData')
  const metric = record(stat?.['metric'])
  const contributor = record(detail['alarmContributor'])
  const account = origin.account ?? partOfArn(arnOf(origin), 4)
  const region = origin.region ?? partOfArn(arnOf(origin), 3)
  const contributorId = text(contributor?.['id'])
  const measured = measure(text(state?.['reason']), state?.['reasonData'], undefined, undefined, isAnomaly(metrics))
  const at = timeOf(state?.['timestamp']) ?? timeOf(origin.time) ?? origin.receivedAt

  return {
    is: 'alarm',
    change: {
      key: keyOf(account, region, name, contributorId),
      name: short(name),
      state: value,
      at: notAfter(at, origin.receivedAt),
      account: short(account),
      region: short(region),
      namespace: short(text(metric?.['namespace'])),
      metric: short(text(metric?.['name']) ?? metricInQuery(metrics)),
      dimensions: strings(metric?.['dimensions']) ?? strings(contributor?.['attributes']),
      stat: short(text(stat?.['stat'])),
      contributor: contributorId,
      quietUntil: quietUntil(detail, state, configuration),
      value: measured.value,
      threshold: measured.threshold,
      side: measured.side,
    },
  }
}

/** The JSON that an alarm's SNS action carries. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html */
function readNotification(message: Json, receivedAt: number, topicArn: string | undefined): Reading {
  const arn = text(message['AlarmArn'])
  const name = text(message['AlarmName']) ?? nameInArn(arn)
  const state = stateOf(message['NewStateValue'])
  if (name === undefined) return unreadable('it is an alarm notification without the name of its alarm')
  if (state === undefined) return unreadable(`the alarm ${brief(name)} has no valid state`)

  const trigger = record(message['Trigger'])
  const metrics = list(trigger?.['Metrics'])
  const stat = statOf(metrics, 'MetricStat', 'ReturnData')
  const metric = record(stat?.['Metric'])
  const contributor = record(message['AlarmContributor']) ?? record(message['alarmContributor'])
  const actionArn = list(message['AlarmActions'])
    .map(text)
    .find((action) => action?.startsWith('arn:'))
  const account = text(message['AWSAccountId']) ?? partOfArn(arn, 4) ?? partOfArn(topicArn, 4)
  const region = partOfArn(arn, 3) ?? partOfArn(topicArn, 3) ?? partOfArn(actionArn, 3) ?? text(message['Region'])
  const contributorId = text(contributor?.['id'] ?? contributor?.['Id'] ?? contributor?.['ContributorId'])
  const comparison = text(trigger?.['ComparisonOperator'])
  const measured = measure(
    text(message['NewStateReason']),
    message['NewStateReasonData'],
    trigger?.['Threshold'],
    comparison,
    false,
  )

  return {
    is: 'alarm',
    change: {
      key: keyOf(account, region, name, contributorId),
      name: short(name),
      state,
      at: notAfter(timeOf(message['StateChangeTime']) ?? receivedAt, receivedAt),
      account: short(account),
      region: short(region),
      namespace: short(text(trigger?.['Namespace']) ?? text(metric?.['Namespace'])),
      metric: short(text(trigger?.['MetricName']) ?? text(metric?.['MetricName']) ?? metricInQuery(metrics)),
      dimensions:
        pairs(trigger?.['Dimensions']) ??
        pairs(metric?.['Dimensions']) ??
        strings(contributor?.['attributes'] ?? contributor?.['Attributes']),
      stat: short(text(trigger?.['Statistic']) ?? text(trigger?.['ExtendedStatistic']) ?? text(stat?.['Stat'])),
      contributor: contributorId,
      quietUntil: quietUntil(message, message, message),
      value: measured.value,
      threshold: measured.threshold,
      side: measured.side,
    },
  }
}

/** The metric an alarm is about: the one that is returned, else the first that is one. */
function statOf(metrics: unknown[], stat: string, returned: string): Json | undefined {
  let found: Json | undefined
  for (const entry of metrics) {
    const metric = record(entry)
    const candidate = record(metric?.[stat])
    if (candidate && metric![returned] === true) return candidate
    found ??= candidate
  }
  return found
}

function isAnomaly(metrics: unknown[]): boolean {
  if (metrics.length < 2) return false
  return metrics.some((metric) => text(record(metric)?.['expression'])?.includes('ANOMALY_DETECTION_BAND'))
}

/** CloudWatch's longest name of anything is 255 characters; what is longer is damaged. */
const LONGEST = 512

function short<T extends string | undefined>(words: T): T {
  return words !== undefined && words.length > LONGEST ? (words.slice(0, LONGEST) as T) : words
}

const CLOCKS_DIFFER_MS = 15 * 60_000

/** Nothing has happened later than now, whatever a damaged message says. */
const notAfter = (at: number, receivedAt: number): number => (at > receivedAt + CLOCKS_DIFFER_MS ? receivedAt : at)

/** Short, and the same for every way in which an alarm can come: 96 bits of account, region, name and contributor. */
export function keyOf(
  account: string | undefined,
  region: string | undefined,
  name: string,
  contributor?: string,
): string {
  const identity = `${account ?? ''}\u0000${region ?? ''}\u0000${name}\u0000${contributor ?? ''}`
  return hash('sha256', identity, 'base64url').slice(0, 16)
}

function stateOf(value: unknown): AlarmState | undefined {
  return value === 'ALARM' || value === 'OK' || value === 'INSUFFICIENT_DATA' ? value : undefined
}

/** Ms since 1970; CloudWatch writes `2024-05-02T14:39:10.000+0000`, which is not quite ISO 8601. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return inRange(value < 1e11 ? value * 1000 : value)
  if (typeof value !== 'string') return undefined
  // An offset without its colon sends Date.parse to a parser that is ten times slower.
  return inRange(Date.parse(value.endsWith('+0000') ? `${value.slice(0, -5)}Z` : value))
}

/** Only times that a date can show and that an alarm can have: from 2009, when CloudWatch began, to 2100. */
function inRange(ms: number): number | undefined {
  return ms >= 1_230_768_000_000 && ms < 4_102_444_800_000 ? Math.round(ms) : undefined
}

const MUTED_WITHOUT_END_MS = 24 * 3_600_000

/** Until when CloudWatch itself holds this alarm's actions back: by a mute rule, or by a composite alarm's suppressor. */
function quietUntil(detail: Json, state: Json | undefined, configuration: Json | undefined): number | undefined {
  const mute = record(detail['muteDetail']) ?? record(detail['MuteDetail'])
  if (mute) return timeOf(mute['muteWindowEnd'] ?? mute['MuteWindowEnd'])
  const by = text(state?.['actionsSuppressedBy']) ?? text(state?.['ActionsSuppressedBy'])
  const at = timeOf(state?.['timestamp'] ?? state?.['StateChangeTime'])
  if (by === undefined || at === undefined) return undefined
  const wait = configuration?.['actionsSuppressorWaitPeriod'] ?? configuration?.['ActionsSuppressorWaitPeriod']
  if (by === 'WaitPeriod') return at + (typeof wait === 'number' ? wait : 60) * 1000
  return at + MUTED_WITHOUT_END_MS
}

function metricInQuery(metrics: unknown[]): string | undefined {
  for (const entry of metrics) {
    const metric = record(entry)
    const query = text(metric?.['expression'] ?? metric?.['Expression'])
    const found = query === undefined ? undefined : /^\s*SELECT\s+\w+\(\s*"?([\w.\-/ %]+?)"?\s*\)/i.exec(query)
    if (found?.[1] !== undefined) return found[1]
  }
  return undefined
}

/** The texts of an object; the same object where all of it is text, as it nearly always is. */
function strings(value: unknown): Record<string, string> | undefined {
  const found = record(value)
  if (!found) return undefined
  let [any, all] = [false, true]
  for (const key in found) {
    if (typeof found[key] === 'string') any = true
    else all = false
  }
  if (all) return any ? (found as Record<string, string>) : undefined
  const clean = Object.entries(found).filter(([, entry]) => typeof entry === 'string' || typeof entry === 'number')
  return clean.length > 0 ? Object.fromEntries(clean.map(([key, entry]) => [key, String(entry)])) : undefined
}

/** `[{ name, value }]`, as SNS lists dimensions. */
function pairs(value: unknown): Record<string, string> | undefined {
  if (!Array.isArray(value)) return strings(value)
  const clean: Record<string, unknown> = {}
  for (const entry of value) {
    const pair = record(entry)
    const key = text(pair?.['name'] ?? pair?.['Name'])
    if (key !== undefined) clean[key] = pair?.['value'] ?? pair?.['Value']
  }
  return strings(clean)
}

const arnOf = ({ resources }: Origin): string | undefined => list(resources).find(isAlarmArn)

const isAlarmArn = (arn: unknown): arn is string =>
  typeof arn === 'string' && arn.startsWith('arn:') && arn.includes(':alarm:')

/** Part of an ARN by its place: 3 is the region, 4 the account. */
function partOfArn(arn: string | undefined, place: number): string | undefined {
  return arn?.startsWith('arn:') ? text(arn.split(':', place + 1)[place]) : undefined
}

function nameInArn(arn: string | undefined): string | undefined {
  const at = arn?.indexOf(':alarm:') ?? -1
  return arn === undefined || at < 0 ? undefined : text(arn.slice(at + 7))
}

const brief = (value: string): string => (value.length > 80 ? `${value.slice(0, 79)}…` : value)
