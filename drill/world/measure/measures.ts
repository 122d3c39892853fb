// What can be read from a world in a given second: the values behind its metrics, alarms and curves.
import type { SimulatedBroker } from '../broker/broker.ts'
import type { Queue } from '../broker/queue.ts'
import type { SimulatedSqs } from '../broker/sqs.ts'
import type { MetricName } from './metrics.ts'
import type { Measure } from '../plan/schema-watch.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Worker } from '../service/worker.ts'
import { compressed, type Sample } from './statistics.ts'
import type { Machine } from '../machines.ts'

export interface Parts {
  second: number
  brokers: ReadonlyMap<string, SimulatedBroker>
  sqs: ReadonlyMap<string, SimulatedSqs>
  services: ReadonlyMap<string, SimulatedService>
  machines: ReadonlyMap<string, Machine>
  databases: ReadonlyMap<string, { allocatedBytes: number; usedBytes: number }>
}

const one = (value: number): Sample[] => [[value, 1]]

/** What was seen in the last second. Checking the world has made sure that its parts exist. */
export function read(parts: Parts, measure: Measure): Sample[] {
  if ('to' in measure) return ofCall(parts, measure)
  if ('service' in measure) return ofService(parts.services.get(measure.service)!, measure.value)
  if ('queue' in measure)
    return ofQueue(parts.brokers.get(measure.broker)!.queues.get(measure.queue)!, measure.value, parts.second)
  if ('sqs' in measure) return ofQueue(parts.sqs.get(measure.sqs)!.queue, measure.value, parts.second)
  if ('broker' in measure) {
    const { value } = measure
    const broker = parts.brokers.get(measure.broker)!
    switch (value) {
      case 'memoryUsedBytes':
        return one(broker.memoryUsed())
      case 'diskFreeBytes':
        return one(broker.diskFree())
      case 'messages':
        return one([...broker.queues.values()].reduce((sum, queue) => sum + queue.messages(), 0))
      case 'blocked':
        return one(broker.blocked() ? 1 : 0)
      default:
        return value satisfies never
    }
  }
  if ('instance' in measure) {
    const machine = parts.machines.get(measure.instance)!
    const disk = machine.diskOf(measure.path)
    const used = machine.usedOf(disk)
    return one(measure.value === 'usedPercent' ? (used / disk.sizeBytes) * 100 : disk.sizeBytes - used)
  }
  const { allocatedBytes, usedBytes } = parts.databases.get(measure.database)!
  return one(allocatedBytes - usedBytes)
}

function ofQueue(queue: Queue, value: Extract<Measure, { queue: string }>['value'], second: number): Sample[] {
  switch (value) {
    case 'messages':
      return one(queue.messages())
    case 'ready':
      return one(queue.ready.length)
    case 'bytes':
      return one(queue.bytes())
    case 'oldestSeconds':
      return one(queue.oldestSeconds(second))
    case 'consumers':
      return one(queue.rates.consumers)
    case 'publishedPerSecond':
      return one(queue.last.published)
    case 'acknowledgedPerSecond':
      return one(queue.last.acknowledged)
    case 'rejectedPerSecond':
      return one(queue.last.rejected)
    default:
      return value satisfies never
  }
}

function ofService(service: SimulatedService, value: Extract<Measure, { service: string }>['value']): Sample[] {
  const { ended, inFlight } = service.last
  switch (value) {
    case 'latencySeconds':
      return compressed(ended.map(({ count, path }) => [path.seconds, count]))
    case 'requests':
      return one(ended.reduce((sum, { count }) => sum + count, 0))
    case 'errors':
    case 'failures':
      return one(ended.reduce((sum, { count, path }) => sum + (path.ok ? 0 : count), 0))
    case 'inFlight':
      return one(inFlight)
    case 'memoryPercent':
      return service.fleet.workers.map((worker) => [service.memoryPercent(worker), 1])
    case 'largestMemoryPercent':
      return one(Math.max(0, ...service.fleet.workers.map(service.memoryPercent)))
    case 'cpuPercent':
      return service.fleet.ready().map(({ cpuPercent }) => [cpuPercent, 1])
    case 'workers':
      return one(service.fleet.ready().length)
    default:
      return value satisfies never
  }
}

function ofCall({ services }: Parts, { service, to, value }: Extract<Measure, { to: string }>): Sample[] {
  const calls = services
    .get(service)!
    .last.ended.flatMap(({ count, path }) => path.via.filter((one) => one.to === to).map((one) => ({ ...one, count })))
  if (value === 'latencySeconds') return compressed(calls.map(({ seconds, count }) => [seconds, count]))
  return one(calls.reduce((sum, { ok, count }) => sum + (ok ? 0 : count), 0))
}

/** What the CloudWatch agent adds to its metrics on an instance of a group. */
const MACHINE = { ImageId: 'ami-0a1b2c3d4e5f60718', InstanceType: 'm7g.large' }

interface OfWorker {
  worker: Worker
  name: MetricName
  value: number
}

/** Memory of each worker, as Container Insights reports it by task and the CloudWatch agent by machine. */
export function byWorker({ services }: Parts): OfWorker[] {
  return [...services.values()].flatMap(({ plan: { ecs, autoScaling, systemd }, fleet, memoryPercent }) =>
    fleet.workers.flatMap((worker): OfWorker[] => {
      const value = memoryPercent(worker)
      if (ecs) {
        const dimensions = { ClusterName: ecs.cluster, ServiceName: ecs.service, TaskId: worker.id }
        return [
          { worker, name: { namespace: 'ECS/ContainerInsights', metric: 'TaskMemoryUtilization', dimensions }, value },
        ]
      }
      if (!autoScaling && !systemd) return []
      const dimensions: Record<string, string> = {
        InstanceId: worker.id,
        ...(autoScaling && { AutoScalingGroupName: autoScaling.group, ...MACHINE }),
      }
      return [{ worker, name: { namespace: 'CWAgent', metric: 'mem_used_percent', dimensions }, value }]
    }),
  )
}
