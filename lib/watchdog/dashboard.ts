// Tocsin itself on one page: one thing below the other, the most urgent first, to be read on a phone. The first three dashboards are free, each further one costs 3 USD a month.
import { Duration, type Stack } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import { DIMENSION, METRICS, NAMESPACE, type Metric as Name } from '../../lambda/core/watchdog/metrics.ts'
import type { Watched } from './own-alarms.ts'

/** A dashboard is 24 columns wide; on a phone anything narrower cannot be read. */
const WIDTH = 24
const HOUR = Duration.hours(1)
const FIVE_MINUTES = Duration.minutes(5)

/** Returns its name. */
export function makeDashboard(stack: Stack, watched: Watched, alarms: Alarm[]): string {
  const dashboardName = stack.stackName
  new Dashboard(stack, 'Dashboard', {
    dashboardName,
    defaultInterval: Duration.days(1),
    widgets: [...health(alarms), ...work(stack), ...insides(watched)].map((widget) => [widget]),
  })
  return dashboardName
}

const health = (alarms: Alarm[]): IWidget[] => [
  new AlarmStatusWidget({ title: 'Does Tocsin work?', alarms, width: WIDTH, height: 4 }),
]

function work(stack: Stack): IWidget[] {
  const metric = (name: Name, label: string, statistic: string = Stats.SUM, period = FIVE_MINUTES): Metric =>
    new Metric({
      namespace: NAMESPACE,
      metricName: name,
      dimensionsMap: { [DIMENSION]: stack.stackName },
      statistic,
      period,
      label: METRICS[name] === 'Seconds' ? `${label} (seconds)` : label,
    })
  return [
    new SingleValueWidget({
      title: 'Last hour',
      metrics: [
        metric('AlarmsIn', 'alarms in', Stats.SUM, HOUR),
        metric('IncidentsOpened', 'incidents', Stats.SUM, HOUR),
        metric('SlackPosts', 'messages', Stats.SUM, HOUR),
      ],
      width: WIDTH,
      height: 4,
    }),
    graph('From alarm to message', [
      metric('SecondsToMessage', 'half of them within', Stats.p(50)),
      metric('SecondsToMessage', 'all of them within', Stats.MAXIMUM),
    ]),
    graph('Alarms in, incidents out', [
      metric('AlarmsIn', 'alarms in'),
      metric('IncidentsOpened', 'incidents opened'),
      metric('Unreadable', 'unreadable'),
      metric('SetAside', 'stored items set aside'),
    ]),
    graph('Slack', [
      metric('SlackPosts', 'messages and replies'),
      metric('SlackEdits', 'edits'),
      metric('SlackRefusals', 'not done by Slack'),
      metric('Untold', 'refused by Slack'),
    ]),
  ]
}

function insides({ queues, stages }: Watched): IWidget[] {
  const each = <T>(of: Record<string, T>, metric: (item: T, label: string) => IMetric): IMetric[] =>
    Object.entries(of).map(([name, item]) => metric(item, name))
  const period = FIVE_MINUTES
  return [
    graph(
      'Dead letters',
      each(queues, ({ deadLetters }, label) =>
        deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period, label }),
      ),
    ),
    graph(
      'Age of the oldest message (seconds)',
      each(queues, ({ queue }, label) =>
        queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period, label }),
      ),
    ),
    graph(
      'Errors of functions',
      each(stages, (stage, label) => stage.metricErrors({ period, label })),
    ),
    graph(
      'Duration of functions (ms, slowest of 20)',
      each(stages, (stage, label) => stage.metricDuration({ statistic: Stats.p(95), period, label })),
    ),
  ]
}

const graph = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, width: WIDTH, height: 6, leftYAxis: { min: 0, showUnits: false } })
