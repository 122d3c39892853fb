// Turns one planned alarm into a CloudWatch alarm: the only place that does.
import { createHash } from 'node:crypto'
import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { Planned } from './plan.ts'
import type { Formula, Row, Series, Silence } from './row.ts'

const MISSING: Record<Silence, cloudwatch.TreatMissingData> = {
  unknown: cloudwatch.TreatMissingData.MISSING,
  fine: cloudwatch.TreatMissingData.NOT_BREACHING,
  bad: cloudwatch.TreatMissingData.BREACHING,
}

const SIDES = {
  above: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  below: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}

/** No actions: EventBridge delivers every change of its state. */
export function makeAlarm(scope: Construct, { name, row, limit, side, ...planned }: Planned): cloudwatch.Alarm {
  const [bad, of] = typeof row.hold === 'function' ? row.hold(limit) : row.hold
  return new cloudwatch.Alarm(scope, idOf(name), {
    alarmName: name,
    alarmDescription: descriptionOf({ name, row, limit, side, ...planned }),
    metric: measured(row),
    threshold: row.scaled?.(limit) ?? limit,
    comparisonOperator: SIDES[side],
    datapointsToAlarm: bad,
    evaluationPeriods: of,
    treatMissingData: MISSING[row.silence],
  })
}

/** Derived from the name alone, so that an alarm stays the same resource in the template whatever else is watched. */
const idOf = (name: string): string =>
  `${name.slice(name.lastIndexOf('/') + 1)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`

/** CloudWatch: at most 1024 characters. */
function descriptionOf({ row, title, resource, service, key, limit }: Planned): string {
  const [kind, ...names] = resource
  const setting = `services[${JSON.stringify(service)}].watch.${key}`
  const words = `${title}, ${kind} ${names.join(' ')}: ${row.means} ${row.helps} (Threshold: ${setting} = ${limit})`
  return [...words.replace(/\p{Cc}/gu, ' ').toWellFormed()].slice(0, 1000).join('')
}

function measured({ measures, every }: Row): cloudwatch.IMetric {
  const period = Duration.seconds(every)
  return 'expression' in measures ? computed(measures, period) : metricOf(measures, period)
}

const metricOf = ({ namespace, metric, dimensions, stat }: Series, period: Duration): cloudwatch.Metric =>
  new cloudwatch.Metric({ namespace, metricName: metric, dimensionsMap: dimensions, statistic: stat, period })

const computed = ({ expression, of }: Formula, period: Duration): cloudwatch.MathExpression =>
  new cloudwatch.MathExpression({
    expression,
    period,
    usingMetrics: Object.fromEntries(Object.entries(of).map(([id, series]) => [id, metricOf(series, period)])),
  })
