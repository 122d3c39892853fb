// Turns what an account holds into services with edges, so that every existing alarm finds one.
import { serviceFinder } from '../../lambda/core/services/matching.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { checkConfig } from '../../lambda/config.ts'
import { edgesOf } from './edges.ts'
import type { Found, FoundAlarm, MatcherInput, ServiceInput } from './found.ts'
import type { Inventory } from './look.ts'

export interface Proposal {
  id: string
  what: string
  service: ServiceInput
  /** How many of the existing alarms are its own. */
  alarms: number
  /** Worth proposing by default: it has alarms, calls something, or is called. */
  isPicked: boolean
}

/** In the order of the config: services with only alarms and no resource come last. */
export function propose(inventory: Inventory): Proposal[] {
  const named = uniqueIds(inventory.found)
  const edges = edgesOf(named, inventory.calls)
  const fromResources = [...named].map(([id, found]) => ({
    id,
    what: found.what,
    service: serviceOf(found, edges.get(id) ?? []),
  }))
  const homeless = orphans(inventory.alarms, fromResources)
  const fromAlarms = groups(homeless, new Set(named.keys()))
  const all = [...fromResources, ...fromAlarms]
  const counts = countAlarms(inventory.alarms, all)
  const called = new Set(all.flatMap(({ service }) => service.dependsOn ?? []))
  return all.map((each) => {
    const alarms = counts.get(each.id) ?? 0
    const isTied = called.has(each.id) || (each.service.dependsOn ?? []).length > 0
    return { ...each, alarms, isPicked: alarms > 0 || isTied || !/^(SQS|Lambda)/.test(each.what) }
  })
}

/** Which service each alarm would find, decided by the same code as later. */
export function finder(services: Record<string, ServiceInput>): (alarm: FoundAlarm) => string | undefined {
  const config: Config = checkConfig({ slack: { channel: 'init' }, services })
  const find = serviceFinder(config.services)
  return (alarm) => {
    const id = find(alarm)
    return Object.hasOwn(config.services, id) ? id : undefined
  }
}

const asServices = (all: readonly Pick<Proposal, 'id' | 'service'>[]): Record<string, ServiceInput> =>
  Object.fromEntries(all.map(({ id, service }) => [id, service]))

const orphans = (alarms: readonly FoundAlarm[], known: readonly Pick<Proposal, 'id' | 'service'>[]): FoundAlarm[] => {
  const find = finder(asServices(known))
  return alarms.filter((alarm) => find(alarm) === undefined)
}

function countAlarms(
  alarms: readonly FoundAlarm[],
  all: readonly Pick<Proposal, 'id' | 'service'>[],
): Map<string, number> {
  const find = finder(asServices(all))
  const counts = new Map<string, number>()
  for (const alarm of alarms) {
    const id = find(alarm)
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** The longest id that the config accepts. */
const LONGEST_ID = 128

function uniqueIds(found: readonly Found[]): Map<string, Found> {
  const named = new Map<string, Found>()
  for (const each of found) {
    const wanted = each.id.slice(0, LONGEST_ID)
    let id = wanted
    for (let n = 1; named.has(id); n++)
      id = `${wanted.slice(0, LONGEST_ID - 40)}-${each.suffix.slice(0, 30)}${n === 1 ? '' : `-${n}`}`
    named.set(id, each)
  }
  return named
}

const serviceOf = ({ kind, alarms, target }: Found, dependsOn: string[]): ServiceInput => ({
  ...(kind !== 'service' && { kind }),
  ...(dependsOn.length > 0 && { dependsOn }),
  alarms,
  ...(target && { target }),
})

/** Dimensions that name what an alarm is about, the most telling first. */
const TELLING: [dimension: string, what: string, kind?: NonNullable<ServiceInput['kind']>][] = [
  ['ServiceName', 'service in an alarm'],
  ['Service', 'service in an alarm'],
  ['service', 'service in an alarm'],
  ['FunctionName', 'function in an alarm'],
  ['TableName', 'DynamoDB table', 'database'],
  ['DBClusterIdentifier', 'database in an alarm', 'database'],
  ['DBInstanceIdentifier', 'database in an alarm', 'database'],
  ['CacheClusterId', 'ElastiCache cluster', 'database'],
  ['QueueName', 'queue in an alarm', 'queue'],
  ['Broker', 'broker in an alarm', 'queue'],
  ['TopicName', 'topic in an alarm', 'queue'],
  ['StreamName', 'stream in an alarm', 'queue'],
  ['LoadBalancer', 'load balancer in an alarm', 'load-balancer'],
  ['ApiName', 'API in an alarm'],
  ['ApiId', 'API in an alarm'],
  ['AutoScalingGroupName', 'instances in an alarm'],
  ['FileSystemId', 'file system in an alarm'],
  ['InstanceId', 'instance in an alarm'],
  ['ClusterName', 'cluster in an alarm'],
  ['host', 'host in an alarm'],
]

type Group = Pick<Proposal, 'id' | 'what' | 'service'>

function groups(alarms: readonly FoundAlarm[], taken: ReadonlySet<string>): Group[] {
  const found = new Map<string, Group>()
  for (const alarm of alarms) {
    const { id, what, kind, matcher } = homeOf(alarm)
    const free = taken.has(id) ? `${id}-alarms`.slice(0, LONGEST_ID) : id
    const known = found.get(free)
    if (known && !known.service.alarms!.some((one) => JSON.stringify(one) === JSON.stringify(matcher)))
      known.service.alarms!.push(matcher)
    if (!known) found.set(free, { id: free, what, service: { ...(kind && { kind }), alarms: [matcher] } })
  }
  return [...found.values()]
}

function homeOf({ name, dimensions = {} }: FoundAlarm): Pick<Group, 'id' | 'what'> & {
  kind?: NonNullable<ServiceInput['kind']>
  matcher: MatcherInput
} {
  const telling = TELLING.find(([dimension]) => dimensions[dimension])
  if (telling) {
    const [dimension, what, kind] = telling
    const value = dimensions[dimension]!
    const matcher = { dimensions: { [dimension]: literal(value) } }
    return { id: value.slice(0, LONGEST_ID), what, matcher, ...(kind && { kind }) }
  }
  const [first = name, second] = name.split('/')
  if (second !== undefined && first !== '')
    return { id: first.slice(0, LONGEST_ID), what: 'alarms of this name', matcher: { name: `${literal(first)}/*` } }
  return { id: name.slice(0, LONGEST_ID), what: 'alarm on its own', matcher: { name: literal(name) } }
}

/** In an AWS name `*` is an ordinary character; in a matcher only `?` can stand for it. */
const literal = (text: string): string => text.replaceAll('*', '?')
