// Alarms about Tocsin itself: each says what is wrong, what it means and where to look. 0.10 USD a month for each metric in them; ten are free.
import { Duration, Stack } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { ownAlarm } from '../../lambda/core/facts/own-alarms.ts'
import { DIMENSION, NAMESPACE, type Metric as Name } from '../../lambda/core/watchdog/metrics.ts'
import type { QueuePair } from '../shared/queue.ts'
import type { StageFunction } from '../stage-function.ts'

export interface Watched {
  queues: Record<'intake' | 'notices', QueuePair>
  /** By name. */
  stages: Record<string, StageFunction>
  /** Stages whose throttles neither show as the age of a message nor stop the heartbeat. */
  throttled: readonly string[]
  watchdog?: { stage: StageFunction; everyMinutes: number } | undefined
}

interface OwnAlarm {
  what: string
  means: string
  metric: IMetric
  /** The alarm fires above it. */
  above: number
  /** Periods of the metric: M of N. */
  of?: [datapoints: number, periods: number]
  missing?: TreatMissingData
}

const FIVE_MINUTES = Duration.minutes(5)
/** Usually a message is gone within a second; one that fails is tried for about as long as this before it becomes a dead letter. */
const OLDEST_SECONDS = 300
/** CloudWatch: an alarm whose periods are shorter than a day looks back at most a day. */
const LONGEST_MINUTES = 1440

export function ownAlarms(scope: Construct, watched: Watched, topic: ITopic): Alarm[] {
  return [
    ...queueAlarms(watched),
    ...functionAlarms(watched),
    ...countAlarms(Stack.of(scope)),
    ...heartbeatAlarms(watched),
  ].map((alarm) => make(scope, alarm, topic))
}

const queueAlarms = ({ queues }: Watched): OwnAlarm[] =>
  Object.entries(queues).flatMap(([name, { queue, deadLetters }]) => [
    {
      what: `dead letters of ${name}`,
      means: 'Messages were given up on. Look at them with npx tocsin redrive; it can send them again.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      above: 0,
    },
    {
      what: `age of the oldest message of ${name}`,
      means: `Messages wait for more than ${OLDEST_SECONDS / 60} minutes: people are told late. Look at the log of the function that reads the queue.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      above: OLDEST_SECONDS,
    },
  ])

const functionAlarms = ({ stages, throttled }: Watched): OwnAlarm[] => [
  {
    what: 'errors of functions',
    means: 'Functions fail again and again. A single failure is tried again and told to nobody. Look at their logs.',
    metric: total(Object.entries(stages).map(([name, stage]) => [name, stage.metricErrors()])),
    above: 0,
    of: [2, 3],
  },
  {
    what: 'throttles of functions',
    means:
      "Clicks or timers find no free function: the account's concurrency is used up, or somebody floods the address that Slack calls.",
    metric: total(throttled.map((name) => [name, stages[name]!.metricThrottles()])),
    above: 0,
    of: [2, 3],
  },
]

/** What Tocsin counts itself, and of which one is enough. */
const countAlarms = ({ stackName }: Stack): OwnAlarm[] =>
  [
    {
      name: 'SetAside' as const,
      what: 'stored items that cannot be read',
      means:
        'Something in the table could not be read. It was set aside, and put together again from what could be read: see "When the table is damaged" in docs/operations.md, and the log of the function that says what it was.',
    },
    {
      name: 'Untold' as const,
      what: 'messages that Slack refuses',
      means:
        'Slack refuses something until somebody mends it: a channel without Tocsin in it, a token, or one message. The log of the function Notify says what, where and what to do. See "When Slack refuses" in docs/operations.md.',
    },
  ].map(({ name, ...about }) => ({
    ...about,
    metric: new Metric({
      namespace: NAMESPACE,
      metricName: name satisfies Name,
      dimensionsMap: { [DIMENSION]: stackName },
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    }),
    above: 0,
  }))

/** Every run reports Errors, 0 or 1: a missing metric means that nothing ran. Evaluated every minute over the last two beats. */
const heartbeatAlarms = ({ watchdog }: Watched): OwnAlarm[] =>
  watchdog
    ? [
        {
          what: 'heartbeat lost',
          means:
            "Alarms may not reach Slack, or Slack is not connected yet. The log of Tocsin's watchdog says how far its own alarm came.",
          metric: watchdog.stage.metricErrors({
            period: Duration.minutes(Math.min(2 * watchdog.everyMinutes, LONGEST_MINUTES)),
          }),
          above: 0,
          missing: TreatMissingData.BREACHING,
        },
      ]
    : []

/** SUM skips a function that did not run; `+` would make the whole sum unknown. */
const total = (metrics: readonly (readonly [name: string, metric: Metric])[]): MathExpression =>
  new MathExpression({
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(metrics),
    period: FIVE_MINUTES,
    label: 'all functions',
  })

function make(scope: Construct, { what, means, metric, above, of, missing }: OwnAlarm, topic: ITopic): Alarm {
  const [datapointsToAlarm, evaluationPeriods] = of ?? [1, 1]
  const alarm = new Alarm(scope, `Own ${what}`, {
    alarmName: ownAlarm(what, Stack.of(scope).stackName),
    alarmDescription: means,
    metric,
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    datapointsToAlarm,
    evaluationPeriods,
    // Queues and functions that nobody uses report nothing, and nothing is wrong with them.
    treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
  })
  alarm.addAlarmAction(new SnsAction(topic))
  alarm.addOkAction(new SnsAction(topic))
  return alarm
}
