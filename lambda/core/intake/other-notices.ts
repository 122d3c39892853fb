// What else comes over a topic that teams share: sound notices of AWS services, which are no alarms. Each is ignored with what it is.
import { list, record, text, type Json } from '../json.ts'
import { brief } from './reading.ts'

type Kind = (message: Json) => string | undefined

/** Which key or value tells one, and where AWS documents it. */
const KINDS: readonly Kind[] = [
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-sns-notifications.html
  ({ Service, Event }) =>
    Service === 'AWS Auto Scaling' || starts(Event, 'autoscaling:') ? of('Auto Scaling', Event) : undefined,
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
  ({ Service, Event }) => (Service === 'Amazon S3' || starts(Event, 's3:') ? of('S3', Event) : undefined),
  ({ Records }) => {
    const first = record(list(Records)[0])
    const source = text(first?.['eventSource']) ?? ''
    return source.startsWith('aws:') && !CARRIERS.has(source)
      ? of(source.slice(4).toUpperCase(), first?.['eventName'])
      : undefined
  },
  // RDS, and others in the same form: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
  (message) =>
    'Event Source' in message && 'Event Message' in message
      ? of(starts(message['Event Source'], 'db-') ? 'RDS' : message['Event Source'], message['Event Message'])
      : undefined,
  // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
  (message) => {
    const event = Object.keys(message).find((key) => key.startsWith('ElastiCache:'))
    return event === undefined ? undefined : of('ElastiCache', event)
  },
  // https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
  ({ notificationType, eventType, mail }) =>
    record(mail) && (text(notificationType) ?? text(eventType)) !== undefined
      ? of('SES', notificationType ?? eventType)
      : undefined,
  // https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html
  ({ notificationRuleArn, source, detailType }) =>
    text(notificationRuleArn) === undefined ? undefined : of(source, detailType),
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
  ({ s3Bucket, s3ObjectKey }) =>
    text(s3Bucket) !== undefined && s3ObjectKey !== undefined ? of('CloudTrail', 'log file') : undefined,
  // https://docs.aws.amazon.com/config/latest/developerguide/notifications-for-AWS-Config.html
  ({ messageType, configurationItem, recordVersion }) =>
    text(messageType) !== undefined && (configurationItem !== undefined || recordVersion !== undefined)
      ? of('Config', messageType)
      : undefined,
  // https://docs.aws.amazon.com/cost-management/latest/userguide/cad-alert-chime.html
  ({ anomalyId, accountId }) =>
    text(anomalyId) !== undefined && text(accountId) !== undefined
      ? of('Cost Anomaly Detection', 'anomaly')
      : undefined,
]

/** What carries messages of others: alarms may be in it. */
const CARRIERS = new Set(['aws:sqs', 'aws:sns', 'aws:kinesis'])

/** Those that are plain text, by how they begin. */
const TEXTS: readonly [begins: string, service: string][] = [
  ['AWS Budget Notification', 'AWS Budgets'],
  ["StackId='", 'CloudFormation'],
  ['An AWS Backup job', 'AWS Backup'],
  ['[AWS Config:', 'Config'],
]

const starts = (value: unknown, start: string): boolean => text(value)?.startsWith(start) === true

const of = (service: unknown, what: unknown): string => {
  const detail = text(what)
  return `a notice of ${brief(text(service) ?? 'an AWS service')}${detail === undefined ? '' : ` (${brief(detail)})`}, not an alarm`
}

/** What it is; undefined if nobody here knows it. */
export const noticeIn = (message: Json): string | undefined => {
  for (const kind of KINDS) {
    const found = kind(message)
    if (found !== undefined) return found
  }
  return undefined
}

export function noticeInText(words: string): string | undefined {
  const found = TEXTS.find(([begins]) => words.startsWith(begins))
  return found && of(found[1], undefined)
}
