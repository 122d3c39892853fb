// What goes wrong, and is put right, at its second.
import type { Queue } from './broker/queue.ts'
import type { Parts } from './measure/measures.ts'
import type { Database } from './databases.ts'
import type { HappeningPlan } from './plan/schema-events.ts'
import { plural } from '../../lambda/core/words/words.ts'

/** Does it, and returns what undoes it. */
export function happen(parts: Writable, plan: HappeningPlan): () => void {
  const { brokers, services, machines, databases } = parts
  switch (plan.does) {
    case 'consumers':
      return set(queueIn(parts, plan).rates, 'consumers', plan.count)
    case 'consume':
      return set(queueIn(parts, plan).rates, 'consumed', plan.perSecond)
    case 'publish':
      return set(queueIn(parts, plan).rates, 'published', plan.perSecond)
    case 'message-size':
      return set(queueIn(parts, plan).rates, 'messageBytes', plan.bytes)
    case 'fill-broker':
      return set(brokers.get(plan.broker)!.rates, 'disk', plan.mibPerSecond)
    case 'grow-broker':
      return set(brokers.get(plan.broker)!.rates, 'memory', plan.mibPerSecond)
    case 'write': {
      const { writing } = machines.get(plan.instance)!
      const before = writing.get(plan.folder) ?? 0
      writing.set(plan.folder, plan.mibPerSecond)
      return () => void writing.set(plan.folder, before)
    }
    case 'fill-database':
      return set(databases.get(plan.database)!, 'fillsPerSecond', plan.mibPerSecond)
    case 'requests':
      return set(services.get(plan.service)!.now, 'requests', plan.perSecond)
    case 'work':
      return set(services.get(plan.service)!.now, 'workSeconds', plan.seconds)
    case 'network': {
      const { network } = services.get(plan.service)!.now
      const before = network[plan.to] ?? 0
      network[plan.to] = plan.seconds
      return () => void (network[plan.to] = before)
    }
    case 'hang': {
      const { hanging } = services.get(plan.service)!.now
      const cause = { share: plan.percent / 100, sticks: plan.sticks, over: plan.percent === 0 }
      hanging[plan.to] = cause
      return () => void (cause.over = true)
    }
    case 'leak':
      return set(services.get(plan.service)!.now, 'leak', {
        perSecond: plan.mibPerSecond,
        perRequest: plan.mibPerRequest,
      })
    case 'fail':
      return set(services.get(plan.service)!.now, 'failing', plan.percent / 100)
    case 'say':
      return () => undefined
    default:
      return plan satisfies never
  }
}

/** Checking the world has made sure that it names one. */
const queueIn = ({ brokers, sqs }: Writable, { broker, queue, sqs: name }: Named): Queue =>
  name === undefined ? brokers.get(broker!)!.queues.get(queue!)! : sqs.get(name)!.queue

interface Named {
  broker?: string | undefined
  queue?: string | undefined
  sqs?: string | undefined
}

const named = ({ queue, sqs }: Named): string => queue ?? sqs ?? ''

export type Writable = Omit<Parts, 'databases'> & { databases: ReadonlyMap<string, Database> }

function set<T, K extends keyof T>(thing: T, key: K, value: T[K]): () => void {
  const before = thing[key]
  thing[key] = value
  return () => void (thing[key] = before)
}

/** Says that it is over, for people. */
export const tellOver = (plan: HappeningPlan): string =>
  `no longer: ${tellHappening(plan)}${plan.does === 'hang' && plan.sticks ? '; connections that are dead stay dead' : ''}`

/** The same for people. */
export function tellHappening(plan: HappeningPlan): string {
  switch (plan.does) {
    case 'consumers':
      return plan.count === 0
        ? `the consumers of ${named(plan)} stop`
        : `${named(plan)} has ${plural(plan.count, 'consumer')}`
    case 'consume':
      return `the consumers of ${named(plan)} work off ${plan.perSecond} messages a second`
    case 'publish':
      return `publishers send ${plan.perSecond} messages a second to ${named(plan)}`
    case 'message-size':
      return `messages of ${named(plan)} have ${plan.bytes} bytes now`
    case 'fill-broker':
      return plan.mibPerSecond === 0
        ? `nothing else fills the disk of ${plan.broker} any more`
        : `something else than messages fills the disk of ${plan.broker}: ${plan.mibPerSecond} MiB a second`
    case 'grow-broker':
      return `something else than messages takes the memory of ${plan.broker}: ${plan.mibPerSecond} MiB a second`
    case 'write':
      return `${plan.folder} on ${plan.instance} grows by ${plan.mibPerSecond} MiB a second`
    case 'fill-database':
      return `${plan.database} grows by ${plan.mibPerSecond} MiB a second`
    case 'requests':
      return `${plan.service} gets ${plan.perSecond} requests a second`
    case 'work':
      return `${plan.service} needs ${plan.seconds} s for a request`
    case 'network':
      return `the network between ${plan.service} and ${plan.to} takes ${plan.seconds} s more`
    case 'hang':
      return `${plan.percent} % of the calls from ${plan.service} to ${plan.to} get no answer`
    case 'leak':
      return `${plan.service} leaks memory`
    case 'fail':
      return `${plan.percent} % of the requests to ${plan.service} fail`
    case 'say':
      return plan.text
    default:
      return plan satisfies never
  }
}
