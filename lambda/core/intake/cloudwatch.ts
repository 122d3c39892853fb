// Reads an alarm's change from the two shapes that CloudWatch sends: an event's detail, and a notification.
import { hash } from 'node:crypto'
import type { AlarmState, Change } from '../incident/alarm.ts'
import { cutAtWord } from '../words/words.ts'
import { list, pairs, record, strings, text, type Json } from '../json.ts'
import { measure } from './measure.ts'
import { isAlarmArn, nameInArn, partOfArn } from './arn.ts'
import { readQuery } from './queries.ts'
import { triggersOf } from './relations.ts'
import { brief, unreadable, type Reading } from './reading.ts'

interface Origin {
  /** Contains the alarm's ARN, in case a part of it is needed. */
  resources: unknown
  account: string | undefined
  region: string | undefined
  time: unknown
  receivedAt: number
}

/** `detail` of EventBridge and `alarmData` of a Lambda action have the same shape. */
export function fromDetail(detail: Json, origin: Origin): Reading {
  const state = record(detail['state'])
  const value = state?.['value'] === 'DELETED' ? 'DELETED' : stateOf(state?.['value'] ?? detail['state'])
  const name = text(detail['alarmName']) ?? nameInArn(arnOf(origin))
  if (name === undefined) return unreadable('it is an alarm event without the name of its alarm')
  if (value === undefined) return unreadable(`the alarm ${brief(name)} has no valid state`)

  const configuration = record(detail['configuration'])
  const metrics = list(configuration?.['metrics'])
  const { stat, account: of } = statOf(metrics, { stat: 'metricStat', returned: 'returnData', account: 'accountId' })
  const metric = record(stat?.['metric'])
  const contributor = record(detail['alarmContributor'])
  const account = origin.account ?? partOfArn(arnOf(origin), 4)
  const region = origin.region ?? partOfArn(arnOf(origin), 3)
  const contributorId = text(contributor?.['id'])
  const measured = measure({
    reason: text(state?.['reason']),
    reasonData: state?.['reasonData'],
    triggerThreshold: configuration?.['threshold'],
    comparison: text(configuration?.['comparisonOperator']),
    anomaly: isAnomaly(metrics),
  })
  const query = readQuery(configuration)
  const at = timeOf(state?.['timestamp']) ?? timeOf(origin.time) ?? origin.receivedAt

  return {
    is: 'alarm',
    change: {
      key: keyOf(account, region, name, contributorId),
      name: short(name),
      state: value,
      ...placed(at, origin.receivedAt),
      ...accountsOf(account, of),
      region: short(region),
      namespace: short(text(metric?.['namespace'])),
      metric: short(text(metric?.['name']) ?? metricInQuery(metrics) ?? query?.metric),
      dimensions: strings(metric?.['dimensions']) ?? strings(contributor?.['attributes']),
      stat: short(text(stat?.['stat'])),
      computed: isComputed(metrics, 'metricStat', 'returnData') ?? query?.computed,
      contributor: contributorId,
      ...relationsOf(
        { account, region, name, contributorId },
        {
          reasonData: state?.['reasonData'],
          fires: value === 'ALARM',
          sumsUp:
            text(configuration?.['alarmRule']) !== undefined || isOverSeries(metrics) || query?.isOverSeries === true,
        },
      ),
      description: described(configuration?.['description']),
      quietUntil: quietUntil(detail, state, configuration),
      value: measured.value,
      threshold: measured.threshold ?? query?.threshold,
      side: measured.side ?? query?.side,
    },
  }
}

/** The JSON that an alarm's SNS action carries. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html */
export function readNotification(message: Json, receivedAt: number, topicArn: string | undefined): Reading {
  const arn = text(message['AlarmArn'])
  const name = text(message['AlarmName']) ?? nameInArn(arn)
  const state = stateOf(message['NewStateValue'])
  if (name === undefined) return unreadable('it is an alarm notification without the name of its alarm')
  if (state === undefined) return unreadable(`the alarm ${brief(name)} has no valid state`)

  const trigger = record(message['Trigger'])
  const metrics = list(trigger?.['Metrics'])
  const { stat, account: of } = statOf(metrics, { stat: 'MetricStat', returned: 'ReturnData', account: 'AccountId' })
  const metric = record(stat?.['Metric'])
  const contributor = record(message['AlarmContributor']) ?? record(message['alarmContributor'])
  const attributes = message['AlarmContributorAttributes'] ?? contributor?.['attributes'] ?? contributor?.['Attributes']
  const actionArn = list(message['AlarmActions'])
    .map(text)
    .find((action) => action?.startsWith('arn:'))
  const account = text(message['AWSAccountId']) ?? partOfArn(arn, 4) ?? partOfArn(topicArn, 4)
  const region = partOfArn(arn, 3) ?? partOfArn(topicArn, 3) ?? partOfArn(actionArn, 3) ?? text(message['Region'])
  const contributorId = text(
    message['AlarmContributorId'] ?? contributor?.['id'] ?? contributor?.['Id'] ?? contributor?.['ContributorId'],
  )
  const measured = measure({
    reason: text(message['NewStateReason']),
    reasonData: message['NewStateReasonData'],
    triggerThreshold: trigger?.['Threshold'],
    comparison: text(trigger?.['ComparisonOperator']),
  })
  const query = readQuery(trigger)

  return {
    is: 'alarm',
    change: {
      key: keyOf(account, region, name, contributorId),
      name: short(name),
      state,
      ...placed(timeOf(message['StateChangeTime']) ?? receivedAt, receivedAt),
      ...accountsOf(account, of),
      region: short(region),
      namespace: short(text(trigger?.['Namespace']) ?? text(metric?.['Namespace'])),
      metric: short(
        text(trigger?.['MetricName']) ?? text(metric?.['MetricName']) ?? metricInQuery(metrics) ?? query?.metric,
      ),
      dimensions: pairs(trigger?.['Dimensions']) ?? pairs(metric?.['Dimensions']) ?? strings(attributes),
      stat: short(text(trigger?.['Statistic']) ?? text(trigger?.['ExtendedStatistic']) ?? text(stat?.['Stat'])),
      computed: isComputed(metrics, 'MetricStat', 'ReturnData') ?? query?.computed,
      contributor: contributorId,
      ...relationsOf(
        { account, region, name, contributorId },
        {
          reasonData: message['NewStateReasonData'],
          triggering: message['TriggeringChildren'],
          fires: state === 'ALARM',
          sumsUp: text(message['AlarmRule']) !== undefined || isOverSeries(metrics) || query?.isOverSeries === true,
        },
      ),
      scales: onlyScales(list(message['AlarmActions'])),
      description: described(message['AlarmDescription']),
      quietUntil: quietUntil(message, message, message),
      value: measured.value,
      threshold: measured.threshold ?? query?.threshold,
      side: measured.side ?? query?.side,
    },
  }
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html */
const SCALES = /^arn:[\w-]+:autoscaling:[\w-]*:\d*:scalingPolicy:/

const onlyScales = (actions: readonly unknown[]): true | undefined =>
  actions.length > 0 && actions.every((action) => SCALES.test(text(action) ?? '')) ? true : undefined

interface Itself {
  account: string | undefined
  region: string | undefined
  name: string
  contributorId: string | undefined
}

function relationsOf(
  { account, region, name, contributorId }: Itself,
  { fires, sumsUp, ...told }: Parameters<typeof triggersOf>[0] & { fires: boolean; sumsUp: boolean },
): Pick<Change, 'related' | 'sumsUp'> {
  if (contributorId !== undefined) return { related: [{ key: keyOf(account, region, name), name: short(name) }] }
  const triggers = fires ? triggersOf(told, { account, region }) : []
  const related = triggers.map((one) => ({ key: keyOf(account, region, one), name: short(one) }))
  return { ...(related.length > 0 && { related }), ...(sumsUp && { sumsUp: true }) }
}

/** A Metrics Insights query with a series for each group. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-alarms.html */
const isOverSeries = (metrics: readonly unknown[]): boolean =>
  metrics.some((entry) => {
    const query = expressionOf(entry)?.slice(0, LONGEST_QUERY).toUpperCase()
    return query !== undefined && query.includes('SELECT') && query.includes('GROUP BY')
  })

const expressionOf = (entry: unknown): string | undefined => {
  const metric = record(entry)
  return text(metric?.['expression'] ?? metric?.['Expression'])
}

/** Of metric math and queries: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
const LONGEST_QUERY = 2048

/** The metric an alarm is about: the one whose data is returned, else the first metric. `account`: where it is, if that is another account. */
function statOf(
  metrics: unknown[],
  keys: { stat: string; returned: string; account: string },
): { stat?: Json; account?: string } {
  let found: { stat: Json; account?: string } | undefined
  for (const entry of metrics) {
    const metric = record(entry)
    const stat = record(metric?.[keys.stat])
    if (!stat) continue
    const account = text(metric![keys.account])
    const candidate = { stat, ...(account !== undefined && { account }) }
    if (metric![keys.returned] === true) return candidate
    found ??= candidate
  }
  return found ?? {}
}

/** An alarm of a monitoring account is about what its metric is of. */
const accountsOf = (alarm: string | undefined, metric: string | undefined): Pick<Change, 'account' | 'alarmAccount'> =>
  metric === undefined || metric === alarm
    ? { account: short(alarm) }
    : { account: short(metric), ...(alarm !== undefined && { alarmAccount: short(alarm) }) }

/** Metric math: what is compared with the threshold is an expression. A query is not: it has its metric in it. */
function isComputed(metrics: unknown[], stat: string, returned: string): true | undefined {
  const all = metrics.map(record)
  if (all.some((metric) => record(metric?.[stat]) && metric![returned] === true)) return undefined
  const isMath = all.some((metric) => /^(?!\s*SELECT\b)/i.test(expressionOf(metric) ?? 'SELECT'))
  return isMath ? true : undefined
}

function isAnomaly(metrics: unknown[]): boolean {
  if (metrics.length < 2) return false
  return metrics.some((metric) => text(record(metric)?.['expression'])?.includes('ANOMALY_DETECTION_BAND'))
}

/** No name in CloudWatch is longer than 255 characters; anything beyond this is damaged. */
const LONGEST = 512

function short<T extends string | undefined>(words: T): T {
  return words !== undefined && words.length > LONGEST ? (words.slice(0, LONGEST) as T) : words
}

/** CloudWatch allows 1,024 characters. The record keeps a little more than a message shows. */
const LONGEST_DESCRIPTION = 300

const described = (value: unknown): string | undefined => {
  const words = text(value)?.trim()
  return words === undefined || words === '' ? undefined : cutAtWord(words, LONGEST_DESCRIPTION)
}

const CLOCKS_DIFFER_MS = 60_000

/** Nothing has happened in the future, whatever a message says: it counts from when the queue got it. */
const placed = (at: number, sentAt: number): Pick<Change, 'at' | 'stamp'> =>
  at > sentAt + CLOCKS_DIFFER_MS ? { at: sentAt, stamp: at } : { at }

/** Short, and the same whichever way an alarm comes in: a 96-bit hash of account, region, name and contributor. */
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
  // An offset without a colon makes Date.parse use a parser that is ten times slower.
  return inRange(Date.parse(value.endsWith('+0000') ? `${value.slice(0, -5)}Z` : value))
}

/** Only times that an alarm can have: from 2009, when CloudWatch began, to 2100. */
function inRange(ms: number): number | undefined {
  return ms >= 1_230_768_000_000 && ms < 4_102_444_800_000 ? Math.round(ms) : undefined
}

const MUTED_WITHOUT_END_MS = 24 * 3_600_000

/** Until when CloudWatch itself holds back this alarm's actions: by a mute rule, or by a composite alarm's suppressor. */
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
    const query = expressionOf(entry)?.slice(0, LONGEST_QUERY)
    const inside = query === undefined ? undefined : /^\s*SELECT\s+\w+\(([^)]*)\)/i.exec(query)?.[1]
    const name = inside?.trim().replace(/^"|"$/g, '').trim()
    if (name !== undefined && /^[\w.\-/ %]+$/.test(name)) return name
  }
  return undefined
}

const arnOf = ({ resources }: Origin): string | undefined => list(resources).find(isAlarmArn)
