// Alarms of an ECS service. Its errors and latency are those of the load balancer in front of it.
import type { Target } from '../../lambda/core/services/config.ts'
import { percentOf } from './formulas.ts'
import { MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'

export function ecsRows({ cluster, service, containerInsights }: NonNullable<Target['ecs']>): ResourceRows[] {
  const dimensions = { ClusterName: cluster, ServiceName: service }
  const of = seriesOf('AWS/ECS', dimensions)
  const insights = seriesOf('ECS/ContainerInsights', dimensions)
  const rows: Row[] = [
    {
      what: 'cpu-percent',
      measures: of('CPUUtilization', 'Average'),
      over: 'cpuPercent',
      every: MINUTE,
      hold: [5, 5],
      silence: 'unknown',
      means: 'The tasks use most of the CPU that is reserved for them; requests become slow.',
      helps: 'Add tasks; if it began with a deployment, roll it back.',
    },
    {
      what: 'memory-used-percent',
      measures: of('MemoryUtilization', 'Maximum'),
      over: 'memoryUsedPercent',
      every: MINUTE,
      hold: [4, 5],
      silence: 'unknown',
      means: 'A task uses most of its memory; at 100 % it is stopped.',
      helps: 'A rolling restart gives time; look for a leak since the last deployment, or give the tasks more memory.',
    },
    {
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html: each task reports once a minute.
      what: 'availability-tasks-count',
      measures: of('CPUUtilization', 'SampleCount'),
      under: 'runningTasks',
      every: MINUTE,
      hold: [3, 3],
      silence: 'bad',
      means: 'Fewer tasks of the service run than must.',
      helps: "Look at the service's events: the image, its start and its health check say why tasks stop.",
    },
  ]
  const disk: Row = {
    what: 'disk-used-percent',
    measures: percentOf(
      insights('EphemeralStorageUtilized', 'Maximum'),
      insights('EphemeralStorageReserved', 'Maximum'),
    ),
    over: 'diskUsedPercent',
    every: MINUTE,
    hold: [3, 5],
    silence: 'unknown',
    means: 'The local disk of a task is nearly full.',
    helps: 'A rolling restart begins with an empty disk; look for files that are never removed.',
  }
  return [{ resource: ['ecs', cluster, service], rows: containerInsights ? [...rows, disk] : rows }]
}
