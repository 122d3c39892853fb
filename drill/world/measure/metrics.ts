// The metrics of a world under their AWS names, kept by second and read by period.
import { createHash } from 'node:crypto'
import { byWorker, read, type Parts } from './measures.ts'
import type { Worker } from '../service/worker.ts'
import type { Plan } from '../plan/schema.ts'
import type { Measure } from '../plan/schema-watch.ts'
import { statistic, type Sample } from './statistics.ts'

export interface Metric {
  namespace: string
  metric: string
  dimensions: Record<string, string>
  measures: Measure
}

export type MetricName = Omit<Metric, 'measures'>

export interface Metrics {
  /** Reads everything once. Called every second. */
  collect(parts: Parts): void
  /**
   * For the seconds from `from` to before `to`. Undefined: nothing was measured, or there is no such metric. Before the drill, everything was as in
   * its first seconds.
   */
  of(name: MetricName, stat: string, from: number, to: number): number | undefined
  /** Somebody's own metric, read every second; undefined: no data. Takes the place of one with that name. */
  add(name: MetricName, value: () => number | undefined): void
  /** All that AWS would list. */
  names(): MetricName[]
  measureOf(name: MetricName): Measure | undefined
}

export const keyOf = ({ namespace, metric, dimensions }: MetricName): string =>
  JSON.stringify([namespace, metric, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))])

interface Series {
  name: MetricName
  measures?: Measure
  own?: () => number | undefined
  seconds: (readonly Sample[])[]
}

const one = (value: number | undefined): Sample[] => (value === undefined ? [] : [[value, 1]])

/** How many of the drill's first seconds stand for the time before it; fewer if something goes wrong sooner. */
const BASELINE_SECONDS = 60

export function metricsOf(plan: Plan): Metrics {
  const all = new Map<string, Series>()
  const ofWorkers = new WeakMap<Worker, Series>()
  const own = Object.values(plan.alarms).flatMap(({ measures, ...name }) => (measures ? [{ ...name, measures }] : []))
  for (const { namespace, metric, dimensions, measures } of [...published(plan), ...plan.metrics, ...own]) {
    const name = { namespace, metric, dimensions }
    all.set(keyOf(name), { name, measures, seconds: [] })
  }
  /** A worker that starts anew in its place goes on with the same metric. */
  const begun = (name: MetricName): Series => {
    const series = all.get(keyOf(name)) ?? { name, seconds: [] }
    all.set(keyOf(name), series)
    return series
  }
  const firstEvent = Math.min(...plan.events.map(({ at }) => at))
  const baseline = Math.max(1, Math.min(BASELINE_SECONDS, Math.ceil(firstEvent) - 1))

  const samples = (seconds: readonly (readonly Sample[])[], from: number, to: number): Sample[] => {
    const within = seconds.slice(Math.max(1, from), Math.max(1, to)).flat()
    const before = Math.min(to, 1) - from
    if (before <= 0) return within
    const times = before / baseline
    const usual = seconds.slice(1, 1 + baseline).flat()
    return [...usual.map(([value, weight]): Sample => [value, weight * times]), ...within]
  }

  return {
    collect(parts) {
      for (const { measures, own, seconds } of all.values())
        if (own) seconds[parts.second] = one(own())
        else if (measures) seconds[parts.second] = read(parts, measures)
      for (const { worker, name, value } of byWorker(parts)) {
        const series = ofWorkers.get(worker) ?? begun(name)
        ofWorkers.set(worker, series)
        series.seconds[parts.second] = [[value, 1]]
      }
    },
    of(name, stat, from, to) {
      const series = all.get(keyOf(name))
      return series && statistic(samples(series.seconds, from, to), stat)
    },
    add: (name, own) => void all.set(keyOf(name), { ...all.get(keyOf(name)), name, own, seconds: [] }),
    names: () => [...all.values()].map(({ name }) => name),
    measureOf: (name) => all.get(keyOf(name))?.measures,
  }
}

/** What AWS (or the CloudWatch agent, for disks) publishes by itself. Names: the services' CloudWatch documentation. */
export function published(plan: Plan): Metric[] {
  const all: Metric[] = []
  const add = (namespace: string, dimensions: Record<string, string>, metrics: Record<string, Measure>): void => {
    for (const [metric, measures] of Object.entries(metrics)) all.push({ namespace, metric, dimensions, measures })
  }
  for (const [broker, { queues }] of Object.entries(plan.brokers)) {
    add(
      'AWS/AmazonMQ',
      { Broker: broker },
      {
        RabbitMQMemUsed: { broker, value: 'memoryUsedBytes' },
        RabbitMQDiskFree: { broker, value: 'diskFreeBytes' },
        MessageCount: { broker, value: 'messages' },
      },
    )
    for (const queue of Object.keys(queues))
      add(
        'AWS/AmazonMQ',
        { Broker: broker, VirtualHost: '/', Queue: queue },
        {
          MessageCount: { broker, queue, value: 'messages' },
          MessageReadyCount: { broker, queue, value: 'ready' },
          ConsumerCount: { broker, queue, value: 'consumers' },
          PublishRate: { broker, queue, value: 'publishedPerSecond' },
          AckRate: { broker, queue, value: 'acknowledgedPerSecond' },
        },
      )
  }
  for (const sqs of Object.keys(plan.sqs))
    add(
      'AWS/SQS',
      { QueueName: sqs },
      {
        ApproximateNumberOfMessagesVisible: { sqs, value: 'ready' },
        ApproximateAgeOfOldestMessage: { sqs, value: 'oldestSeconds' },
        NumberOfMessagesSent: { sqs, value: 'publishedPerSecond' },
        NumberOfMessagesDeleted: { sqs, value: 'acknowledgedPerSecond' },
      },
    )
  for (const [service, { ecs, loadBalancer, autoScaling }] of Object.entries(plan.services)) {
    if (ecs) {
      const dimensions = { ClusterName: ecs.cluster, ServiceName: ecs.service }
      add('AWS/ECS', dimensions, {
        MemoryUtilization: { service, value: 'memoryPercent' },
        CPUUtilization: { service, value: 'cpuPercent' },
      })
      add('ECS/ContainerInsights', dimensions, { RunningTaskCount: { service, value: 'workers' } })
    }
    if (autoScaling)
      add('AWS/EC2', { AutoScalingGroupName: autoScaling.group }, { CPUUtilization: { service, value: 'cpuPercent' } })
    if (loadBalancer)
      for (const dimensions of dimensionsOf(loadBalancer))
        add('AWS/ApplicationELB', dimensions, {
          TargetResponseTime: { service, value: 'latencySeconds' },
          RequestCount: { service, value: 'requests' },
          HTTPCode_Target_5XX_Count: { service, value: 'errors' },
          HTTPCode_ELB_5XX_Count: { service, value: 'errors' },
          HTTPCode_ELB_502_Count: { service, value: 'errors' },
          HealthyHostCount: { service, value: 'workers' },
        })
  }
  for (const [instance, { disks }] of Object.entries(plan.instances))
    for (const [path, { device, fileSystem }] of Object.entries(disks))
      for (const dimensions of [
        { InstanceId: instance, path, device: device.replace('/dev/', ''), fstype: fileSystem },
        { InstanceId: instance, path },
        { InstanceId: instance },
      ])
        add('CWAgent', dimensions, { disk_used_percent: { instance, path, value: 'usedPercent' } })
  for (const database of Object.keys(plan.databases))
    add('AWS/RDS', { DBInstanceIdentifier: database }, { FreeStorageSpace: { database, value: 'freeBytes' } })
  return all
}

function dimensionsOf({ loadBalancer, targetGroup }: { loadBalancer: string; targetGroup?: string | undefined }) {
  const whole: Record<string, string> = { LoadBalancer: loadBalancer }
  return targetGroup === undefined ? [whole] : [whole, { ...whole, TargetGroup: targetGroup }]
}

/** A UUID that is always the same for the same words. */
export function uuidOf(...words: (string | number)[]): string {
  const hex = createHash('sha256').update(words.join('\u0000')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
