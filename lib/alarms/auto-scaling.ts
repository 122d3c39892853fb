// Alarms of an Auto Scaling group as a whole: its busiest and fullest instance counts. The group itself replaces instances that are gone.
import type { Target } from '../../lambda/core/services/config.ts'
import { diskRows, memoryRow } from './agent.ts'
import { cpuRow } from './ec2.ts'
import { seriesOf, type ResourceRows } from './row.ts'

export function autoScalingRows({ group, paths = ['/'] }: NonNullable<Target['autoScaling']>): ResourceRows[] {
  const dimensions = { AutoScalingGroupName: group }
  const resource = ['asg', group]
  const cpu = cpuRow(seriesOf('AWS/EC2', dimensions)('CPUUtilization', 'Average'))
  return [
    { resource, rows: [cpu, memoryRow(dimensions)] },
    ...paths.map((path) => diskRows(resource, dimensions, path)),
  ]
}
