// Does Tocsin itself still work? A topic that tells people by e-mail, and a heartbeat that passes through every stage.
import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { heartbeatAlarm } from '../../lambda/core/watchdog/heartbeat.ts'
import { NAMESPACE } from '../../lambda/core/watchdog/metrics.ts'
import { of, type Site } from '../shared/site.ts'
import { StageFunction } from '../stage-function.ts'
import { alarmTopic } from '../shared/topic.ts'

/** A heartbeat may take a minute before it counts as lost. */
const TIMEOUT = Duration.seconds(90)

/** Plain SNS and e-mail, independent of Tocsin: what reports its failure must not fail with it. 1,000 e-mails a month are free. */
export function watchdogTopic({ stack, config, key }: Pick<Site, 'stack' | 'config' | 'key'>): Topic {
  const topic = alarmTopic(stack, 'Watchdog', 'Tocsin itself', key)
  for (const address of config.watchdog.emails) topic.addSubscription(new EmailSubscription(address))
  return topic
}

const heartbeatArn = (stack: Stack): string =>
  stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: heartbeatAlarm(stack.stackName),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

/** What intake recognizes the heartbeat by. */
export const heartbeatEnvironment = ({ stack, config }: Site): Record<string, string> =>
  config.watchdog.syntheticMinutes > 0 ? { TOCSIN_HEARTBEAT: heartbeatArn(stack) } : {}

/** Undefined if the config wants no heartbeat. */
export function makeWatchdog(site: Site): StageFunction | undefined {
  const { stack, config, table, key } = site
  const { syntheticMinutes } = config.watchdog
  if (syntheticMinutes === 0) return undefined
  makeHeartbeatAlarm(stack)
  const watchdog = new StageFunction(stack, 'WatchdogFunction', {
    entry: 'watchdog',
    description: 'Rings an alarm and waits until it has passed every stage',
    ...of(site),
    environment: { TOCSIN_TABLE: table.tableName },
    timeout: TIMEOUT,
    // The next heartbeat is the next try; two at once would be mistaken for each other.
    retryAttempts: 0,
  })
  watchdog.addToRolePolicy(
    new PolicyStatement({ actions: ['cloudwatch:SetAlarmState'], resources: [heartbeatArn(stack)] }),
  )
  table.grant(watchdog, 'dynamodb:GetItem')
  key?.grantDecrypt(watchdog)
  new Rule(stack, 'Heartbeat', {
    description: 'Tocsin rings its own alarm',
    schedule: Schedule.rate(Duration.minutes(syntheticMinutes)),
    targets: [new LambdaFunction(watchdog, { maxEventAge: Duration.minutes(1), retryAttempts: 1 })],
  })
  return watchdog
}

/** 0.10 USD a month. Nothing ever reports its metric: it is set off by hand, and CloudWatch resets it within minutes. */
const makeHeartbeatAlarm = (stack: Stack): Alarm =>
  new Alarm(stack, 'HeartbeatAlarm', {
    alarmName: heartbeatAlarm(stack.stackName),
    alarmDescription: 'Rung by Tocsin itself to see whether alarms arrive. Nobody needs to look at it.',
    metric: new Metric({ namespace: NAMESPACE, metricName: 'Heartbeat' }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
