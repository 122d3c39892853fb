// Whether it helped: the metric that the alarm watches, or one that the config names.
import * as z from 'zod'
import { breaches, COMPARISONS, figure } from './breach.ts'
import type { Tools } from '../../ports/tools.ts'
import type { Case, Place, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'
import { metric, METRICS, newest, NEWEST_WITHIN_SECONDS, PERIOD_SECONDS, queryOf, series } from './metric.ts'

const goal = metric
  .extend({ below: z.number().optional(), above: z.number().optional() })
  .refine(
    ({ below, above }) => (below === undefined) !== (above === undefined),
    'needs one of "below" and "above": where the metric is when all is well',
  )

/** The options of every runbook that reads a metric to see whether it helped. */
export const health = {
  healthyWhen: goal.optional().describe('Read instead of what the alarm watches, to know whether it helped'),
}
export interface Health {
  healthyWhen?: z.output<typeof goal> | undefined
}

/** What DescribeAlarms returns for an alarm on a metric. */
interface MetricAlarm {
  AlarmName: string
  Namespace?: string
  MetricName?: string
  Dimensions?: { Name: string; Value: string }[]
  Statistic?: string
  ExtendedStatistic?: string
  Period?: number
  Metrics?: { Id: string; ReturnData?: boolean; MetricStat?: { Period?: number } }[]
  Threshold?: number
  ComparisonOperator?: string
}

export interface Verdict {
  ok: boolean
  text: string
}

/** If there is no metric to read, the alarm decides; it is checked separately anyway. */
export async function verdict(tools: Tools, about: Case<Health>): Promise<Verdict> {
  const { healthyWhen } = about.options
  if (healthyWhen) {
    const { below, above, name, statistic } = healthyWhen
    const value = await newest(tools, healthyWhen)
    const ok = value !== undefined && (below === undefined ? value > above! : value < below)
    return {
      ok,
      text: said(`${statistic} of ${name}`, value, below === undefined ? `above ${above}` : `below ${below}`),
    }
  }
  const nothing = { ok: true, text: 'there is no metric to read; its alarm decides' }
  if (about.alarm.name === '') return nothing
  const { MetricAlarms = [] } = await tools.cloud.call<{ MetricAlarms?: MetricAlarm[] }>(
    'cloudwatch',
    'DescribeAlarms',
    { AlarmNames: [about.alarm.name], AlarmTypes: ['MetricAlarm'] },
  )
  const [alarm] = MetricAlarms
  const comparison = COMPARISONS.get(alarm?.ComparisonOperator ?? '')
  if (!alarm || !comparison || alarm.Threshold === undefined) return nothing
  const value = await valueOf(tools, alarm)
  const ok = value !== undefined && !breaches(value, comparison, alarm.Threshold)
  return {
    ok,
    text: said(alarm.MetricName ?? alarm.AlarmName, value, `its alarm fires ${comparison} ${figure(alarm.Threshold)}`),
  }
}

const said = (name: string, value: number | undefined, limit: string): string =>
  value === undefined ? `${name} has no data yet (${limit})` : `${name} is ${figure(value)} (${limit})`

async function valueOf(tools: Tools, alarm: MetricAlarm): Promise<number | undefined> {
  // Of metric math, the longest of its parts.
  const periods = (alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period ?? 0)
  const period = Math.max(alarm.Period ?? PERIOD_SECONDS, PERIOD_SECONDS, ...periods)
  const within = Math.max(NEWEST_WITHIN_SECONDS, period * 3)
  if (alarm.Metrics?.length) {
    const place = Math.max(
      0,
      alarm.Metrics.findIndex(({ ReturnData }) => ReturnData !== false),
    )
    return (await series(tools, alarm.Metrics, period, within))[place]![0]
  }
  const query = queryOf(
    {
      namespace: alarm.Namespace ?? '',
      name: alarm.MetricName ?? '',
      dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      statistic: alarm.ExtendedStatistic ?? alarm.Statistic ?? 'Average',
    },
    period,
  )
  return (await series(tools, [query], period, within))[0]![0]
}

export const verdictPermissions = (options: Health, place: Place): Statement[] => [
  METRICS,
  ...(options.healthyWhen
    ? []
    : [{ actions: ['cloudwatch:DescribeAlarms'], resources: [arnOf(place, 'cloudwatch', 'alarm:*')] }]),
]
