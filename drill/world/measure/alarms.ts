// The alarms of a world, evaluated as CloudWatch does: by periods, M of N, with missing data treated as the alarm says.
import { chance, seedOf } from '../chance.ts'
import { uuidOf, type MetricName, type Metrics } from './metrics.ts'
import type { Plan } from '../plan/schema.ts'
import type { AlarmPlan } from '../plan/schema-watch.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface SimulatedAlarm {
  readonly name: string
  readonly plan: AlarmPlan
  readonly metric: MetricName
  state: AlarmState
  /** Second of the drill. */
  since: number
}

export interface Alarms {
  all: SimulatedAlarm[]
  /** Evaluates those that are due in this second. Returns EventBridge's events for those that changed. */
  tick(second: number): object[]
}

type Datapoint = { from: number; value: number | undefined }

/** CloudWatch evaluates each alarm at a second of its own within the minute. */
const EVALUATED_WITHIN_SECONDS = 20

export function alarmsOf(plan: Plan, metrics: Metrics): Alarms {
  const startMs = Date.parse(plan.start)
  const all = Object.entries(plan.alarms).map(([name, alarm]): SimulatedAlarm => ({
    name,
    plan: alarm,
    metric: { namespace: alarm.namespace, metric: alarm.metric, dimensions: alarm.dimensions },
    state: 'OK',
    since: -3600,
  }))
  const delayOf = ({ name, plan: { delaySeconds } }: SimulatedAlarm): number =>
    delaySeconds ?? 2 + Math.floor(chance(seedOf(plan.seed, name), 0) * EVALUATED_WITHIN_SECONDS)

  /** Periods begin at whole minutes of the clock, not of the drill. */
  const offset = (period: number): number => Math.floor(startMs / 1000) % period

  const evaluate = (alarm: SimulatedAlarm, end: number, second: number): object[] => {
    const { period, evaluationPeriods, stat } = alarm.plan
    const points = Array.from({ length: evaluationPeriods }, (_, n): Datapoint => {
      const from = end - (evaluationPeriods - n) * period
      return { from, value: metrics.of(alarm.metric, stat, from, from + period) }
    })
    const state = judge(alarm.plan, points, alarm.state)
    if (state === alarm.state) return []
    const event = eventOf(plan, alarm, { state, second, startMs }, points)
    Object.assign(alarm, { state, since: second })
    return [event]
  }

  return {
    all,
    tick: (second) =>
      all.flatMap((alarm) => {
        const end = second - delayOf(alarm)
        const { period } = alarm.plan
        return end > 0 && (end + offset(period)) % period === 0 ? evaluate(alarm, end, second) : []
      }),
  }
}

export function breaches(
  { comparison, threshold }: Pick<AlarmPlan, 'comparison' | 'threshold'>,
  value: number,
): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold
    case 'LessThanThreshold':
      return value < threshold
    case 'LessThanOrEqualToThreshold':
      return value <= threshold
    default:
      return comparison satisfies never
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
export function judge(plan: AlarmPlan, points: readonly Datapoint[], before: AlarmState): AlarmState {
  const needed = plan.datapointsToAlarm ?? plan.evaluationPeriods
  const known = points.filter(({ value }) => value !== undefined)
  const missing = points.length - known.length
  const breaching =
    known.filter(({ value }) => breaches(plan, value!)).length + (plan.missing === 'breaching' ? missing : 0)
  if (breaching >= needed) return 'ALARM'
  if (known.length === 0 && plan.missing === 'missing') return 'INSUFFICIENT_DATA'
  if (plan.missing === 'ignore' && (known.length === 0 || breaching + missing >= needed)) return before
  return 'OK'
}

const stamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000')

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
function eventOf(
  { account, region }: Plan,
  alarm: SimulatedAlarm,
  { state, second, startMs }: { state: AlarmState; second: number; startMs: number },
  points: readonly Datapoint[],
): object {
  const { plan, name, metric } = alarm
  const at = (seconds: number): number => startMs + seconds * 1000
  const values = points.map(({ value }) => value ?? null)
  return {
    version: '0',
    id: uuidOf('event', name, second),
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    time: new Date(at(second)).toISOString(),
    region,
    resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:${name}`],
    detail: {
      alarmName: name,
      state: {
        value: state,
        reason: reasonOf(plan, state, values),
        reasonData: JSON.stringify({
          version: '1.0',
          queryDate: stamp(at(second)),
          startDate: stamp(at(points[0]!.from)),
          statistic: plan.stat,
          period: plan.period,
          recentDatapoints: values,
          threshold: plan.threshold,
          evaluatedDatapoints: points
            .filter(({ value }) => value !== undefined)
            .map(({ from, value }) => ({ timestamp: stamp(at(from)), value })),
        }),
        timestamp: stamp(at(second)),
      },
      previousState: { value: alarm.state, timestamp: stamp(at(alarm.since)) },
      configuration: {
        ...(plan.description !== undefined && { description: plan.description }),
        metrics: [
          {
            id: uuidOf('metric', name),
            metricStat: {
              metric: { namespace: metric.namespace, name: metric.metric, dimensions: metric.dimensions },
              period: plan.period,
              stat: plan.stat,
            },
            returnData: true,
          },
        ],
      },
    },
  }
}

const WORDS: Record<AlarmPlan['comparison'], string> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
}

function reasonOf(plan: AlarmPlan, state: AlarmState, values: readonly (number | null)[]): string {
  if (state === 'INSUFFICIENT_DATA') return 'Insufficient Data: no datapoints were received.'
  const known = values.filter((value) => value !== null)
  const points = `${known.length} datapoint${known.length === 1 ? '' : 's'} [${known.join(', ')}]`
  const was = known.length === 1 ? 'was' : 'were'
  return `Threshold Crossed: ${points} ${was} ${state === 'ALARM' ? '' : 'not '}${WORDS[plan.comparison]} the threshold (${plan.threshold}).`
}
