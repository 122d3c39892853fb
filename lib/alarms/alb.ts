// Alarms of an Application Load Balancer, or of one target group behind it. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
import type { Target } from '../../lambda/core/services/config.ts'
import { errorsPercent } from './formulas.ts'
import { MINUTE, seriesOf, type Formula, type ResourceRows, type Row } from './row.ts'

export function albRows(alb: NonNullable<Target['alb']>): ResourceRows[] {
  const loadBalancer = alb.loadBalancer.replace(/^arn:.*:loadbalancer\//, '')
  const targetGroup = alb.targetGroup?.replace(/^arn:.*:(?=targetgroup\/)/, '')
  const whole = seriesOf('AWS/ApplicationELB', { LoadBalancer: loadBalancer })
  const group = targetGroup === undefined ? {} : { TargetGroup: targetGroup }
  const of = seriesOf('AWS/ApplicationELB', { LoadBalancer: loadBalancer, ...group })
  const rows: Row[] = [
    {
      what: 'errors-percent',
      measures: targetGroup === undefined ? failing(whole) : failingTargets(of),
      over: 'errorsPercent',
      every: MINUTE,
      hold: [3, 5],
      silence: 'fine',
      means: 'Too many requests fail with a 5xx.',
      helps: 'Look at the errors of the service behind it; if it began with a deployment, roll it back.',
    },
    {
      what: 'latency-p99-seconds',
      measures: of('TargetResponseTime', 'p99'),
      over: 'p99Seconds',
      every: MINUTE,
      hold: [3, 5],
      silence: 'fine',
      means: 'The slowest 1 % of the requests take too long.',
      helps:
        'Look at what the service behind it waits for: its database, a queue, another service; a rolling restart frees what hangs.',
    },
  ]
  if (targetGroup !== undefined) rows.push(unhealthy(of))
  const rejected: Row = {
    what: 'saturation-rejected-count',
    measures: whole('RejectedConnectionCount', 'Sum'),
    over: 'rejectedConnections',
    every: MINUTE,
    hold: [2, 5],
    silence: 'fine',
    means: 'The load balancer turns connections away because it has reached its most.',
    helps: 'Look for a flood of requests or clients that keep connections open.',
  }
  const both = targetGroup === undefined ? [loadBalancer] : [loadBalancer, targetGroup]
  return [{ resource: ['alb', ...both], rows: [...rows, rejected] }]
}

type Of = ReturnType<typeof seriesOf>

/** RequestCount leaves out requests for which there was no target to choose. */
const failing = (of: Of): Formula =>
  errorsPercent({
    calls: of('RequestCount', 'Sum'),
    failed: [of('HTTPCode_Target_5XX_Count', 'Sum')],
    uncounted: [of('HTTPCode_ELB_5XX_Count', 'Sum')],
  })

/** Errors of the load balancer itself are only reported for it as a whole; a target group reports connections that failed. */
const failingTargets = (of: Of): Formula =>
  errorsPercent({
    calls: of('RequestCount', 'Sum'),
    failed: [of('HTTPCode_Target_5XX_Count', 'Sum'), of('TargetConnectionErrorCount', 'Sum')],
  })

const unhealthy = (of: Of): Row => ({
  what: 'availability-unhealthy-count',
  measures: of('UnHealthyHostCount', 'Maximum'),
  over: 'unhealthyTargets',
  every: MINUTE,
  hold: [3, 5],
  // Not reported while the group has no targets at all, as between two deployments.
  silence: 'fine',
  means: 'Targets do not answer their health check and get no requests.',
  helps: 'Look at the health check of one of them, by hand; a restart of the target often helps.',
})
