// Alarms of EC2 instances: status and CPU from EC2 itself, memory and disks from the CloudWatch agent on them.
import type { Target } from '../../lambda/core/services/config.ts'
import { diskRows, memoryRow, silentRow } from './agent.ts'
import { FIVE_MINUTES, MINUTE, seriesOf, type ResourceRows, type Row, type Series } from './row.ts'

export const ec2Rows = ({ instances, paths }: NonNullable<Target['ec2']>): ResourceRows[] =>
  instances.filter(isInstance).flatMap((instance) => {
    const dimensions = { InstanceId: instance }
    const of = seriesOf('AWS/EC2', dimensions)
    const resource = ['ec2', instance]
    const rows = [
      statusRow(of('StatusCheckFailed', 'Maximum')),
      cpuRow(of('CPUUtilization', 'Average')),
      memoryRow(dimensions),
      silentRow(dimensions),
    ]
    return [{ resource, rows }, ...paths.map((path) => diskRows(resource, dimensions, path))]
  })

/** `mi-…` is an on-premises machine, which EC2 does not know. */
const isInstance = (id: string): boolean => !id.startsWith('mi-')

const statusRow = (series: Series): Row => ({
  what: 'availability-status-count',
  measures: series,
  over: 'failedChecks',
  every: MINUTE,
  hold: [2, 3],
  // Instances that are not running have no status, and those in the config are supposed to run.
  silence: 'bad',
  means: 'The instance fails its status checks, or it does not run.',
  helps: 'Look at its system log; stop and start it, which moves it to other hardware.',
})

/** Basic monitoring, the default, has a datapoint every five minutes. */
export const cpuRow = (series: Series): Row => ({
  what: 'cpu-percent',
  measures: series,
  over: 'cpuPercent',
  every: FIVE_MINUTES,
  hold: [3, 3],
  silence: 'unknown',
  means: 'The CPU is busy for minutes on end; what runs there becomes slow.',
  helps: 'Look which process uses it; add capacity, or stop what need not run now.',
})
