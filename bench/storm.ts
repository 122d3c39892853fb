// An alarm storm: faults that begin deep in a system and spread to everything that depends on it, as CloudWatch would report it. The same seed
// gives the same storm, and which alarm belongs to which fault is known.
import { createHash } from 'node:crypto'
import type { ConfigInput } from '../lambda/config.ts'

export interface StormOptions {
  /** How many alarms fire. */
  alarms: number
  /** How many faults there are at once; they share no alarms. */
  incidents: number
  /** Services in all: a root that stays quiet, and a branch for each fault. */
  services: number
  /** Services are connected the same way for every number of alarms. */
  seed: number
  /** Every alarm also recovers, a little over ten minutes later. @default false */
  recover?: boolean
  /** When the first fault may begin, ms since 1970. @default 2026-01-15 03:00 UTC */
  start?: number
}

export interface Storm {
  config: ConfigInput
  /** In order of time. */
  events: AlarmEvent[]
  /** For each event, the fault it belongs to, from 1. */
  truth: number[]
}

/** What EventBridge delivers. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export interface AlarmEvent {
  version: '0'
  id: string
  'detail-type': 'CloudWatch Alarm State Change'
  source: 'aws.cloudwatch'
  account: string
  time: string
  region: string
  resources: string[]
  detail: {
    alarmName: string
    state: AlarmStateOfEvent
    previousState: AlarmStateOfEvent
    configuration: { description: string; metrics: object[] }
  }
}

interface AlarmStateOfEvent {
  value: 'ALARM' | 'OK'
  reason: string
  reasonData: string
  timestamp: string
}

interface Kind {
  namespace: string
  metric: string
  stat: string
  threshold: number
  dimensions(service: string, host: string): Record<string, string>
}

/** A service's own hosts carry its name as a dimension; for a load balancer only the alarm's name tells. */
const KINDS = {
  disk: {
    namespace: 'CWAgent',
    metric: 'disk_used_percent',
    stat: 'Average',
    threshold: 90,
    dimensions: (service, host) => ({ InstanceId: host, Service: service, path: '/' }),
  },
  memory: {
    namespace: 'CWAgent',
    metric: 'mem_used_percent',
    stat: 'Average',
    threshold: 92,
    dimensions: (service, host) => ({ InstanceId: host, Service: service }),
  },
  latency: {
    namespace: 'AWS/ApplicationELB',
    metric: 'TargetResponseTime',
    stat: 'p99',
    threshold: 1.5,
    dimensions: (_service, host) => ({
      LoadBalancer: `app/public/${host.slice(2)}`,
      TargetGroup: `targetgroup/tg/${host.slice(2)}`,
    }),
  },
} satisfies Record<string, Kind>

type KindName = keyof typeof KINDS

/** A fault begins with one of these, in turn; what depends on it mostly turns slow. */
const FAULTS: readonly KindName[] = ['disk', 'memory', 'latency']
const SHARE_SLOW = 0.75
const SHARE_OF_THE_FAULT = 0.6

const ACCOUNT = '111122223333'
const REGION = 'us-east-1'
const START_MS = Date.UTC(2026, 0, 15, 3)
/** Faults begin within a minute; each step away from the fault takes another twenty seconds. */
const BEGINS_WITHIN_MS = 60_000
const STEP_MS = 20_000
const RECOVERS_AFTER_MS = 600_000
const PERIOD_SECONDS = 60

interface Node {
  id: string
  parent?: Node
  depth: number
  /** The fault in whose branch it is; 0 for the root. */
  branch: number
}

/** Throws if the numbers do not fit together. */
export function storm({ alarms, incidents, services, seed, recover = false, start = START_MS }: StormOptions): Storm {
  if (services <= incidents || alarms < incidents)
    throw new Error(`a storm of ${incidents} incidents needs more services, and as many alarms`)
  // Two random streams, so that storms of different sizes in the same system share no alarm.
  const nodes = tree(services, incidents, randomOf(seed))
  const random = randomOf(seed + alarms * 1_000_003)
  const changes: { at: number; branch: number; place: number; event: AlarmEvent }[] = []
  const add = (at: number, branch: number, event: AlarmEvent): void =>
    void changes.push({ at, branch, place: changes.length, event })

  for (let branch = 1; branch <= incidents; branch++) {
    const members = nodes.filter((node) => node.branch === branch)
    const head = members[0]!
    const fault = FAULTS[(branch - 1) % FAULTS.length]!
    const began = start + Math.floor(random() * BEGINS_WITHIN_MS)
    const share = Math.floor(alarms / incidents) + (branch <= alarms % incidents ? 1 : 0)
    for (let i = 0; i < share; i++) {
      const node = i === 0 ? head : members[Math.floor(random() * members.length)]!
      const at = i === 0 ? began : began + node.depth * STEP_MS + 1 + Math.floor(random() * STEP_MS)
      const kind = i === 0 ? fault : kindAt(node, head, fault, random)
      const alarm = alarmOf(node.id, kind, random)
      add(at, branch, eventOf(alarm, 'ALARM', at, `${seed}/${changes.length}`))
      if (!recover) continue
      const over = at + RECOVERS_AFTER_MS + Math.floor(random() * BEGINS_WITHIN_MS)
      add(over, branch, eventOf(alarm, 'OK', over, `${seed}/${changes.length}`))
    }
  }
  changes.sort((a, b) => a.at - b.at || a.place - b.place)
  return {
    config: { slack: { channel: '#incidents' }, services: configOf(nodes) },
    events: changes.map(({ event }) => event),
    truth: changes.map(({ branch }) => branch),
  }
}

/** The root's first children are the heads of the branches; every other node hangs anywhere below one of them. */
function tree(services: number, incidents: number, random: () => number): Node[] {
  const root: Node = { id: 'svc-0000', depth: -1, branch: 0 }
  const nodes = [root]
  for (let i = 1; i < services; i++) {
    const parent = i <= incidents ? root : nodes[1 + Math.floor(random() * (i - 1))]!
    const branch = i <= incidents ? i : parent.branch
    nodes.push({ id: `svc-${String(i).padStart(4, '0')}`, parent, depth: parent.depth + 1, branch })
  }
  return nodes
}

const configOf = (nodes: Node[]): ConfigInput['services'] =>
  Object.fromEntries(nodes.map(({ id, parent }) => [id, parent ? { dependsOn: [parent.id] } : {}]))

function kindAt(node: Node, head: Node, fault: KindName, random: () => number): KindName {
  if (node === head) return random() < SHARE_OF_THE_FAULT ? fault : 'latency'
  return random() < SHARE_SLOW ? 'latency' : 'memory'
}

interface Alarm {
  name: string
  service: string
  kind: Kind
  dimensions: Record<string, string>
  value: number
}

function alarmOf(service: string, name: KindName, random: () => number): Alarm {
  const kind: Kind = KINDS[name]
  const host = `i-${hexOf(random)}${hexOf(random)}0`
  return {
    name: `prod/${service}/${name}/${host}`,
    service,
    kind,
    dimensions: kind.dimensions(service, host),
    value: Number((kind.threshold * (1.01 + random() * 0.4)).toFixed(3)),
  }
}

/** Of a service that a dimension names. */
export const alarmEvent = (
  service: string,
  state: 'ALARM' | 'OK',
  at: number,
  name = `${service}/latency`,
): AlarmEvent =>
  eventOf(
    { name, service, kind: KINDS.memory, dimensions: { Service: service }, value: 95 },
    state,
    at,
    `${name} ${at}`,
  )

function eventOf({ name, service, kind, dimensions, value }: Alarm, state: 'ALARM' | 'OK', at: number, of: string) {
  const fine = Number((kind.threshold * 0.6).toFixed(3))
  const id = uuidOf(of)
  const now = stateOf(kind, state, state === 'ALARM' ? value : fine, at)
  const before = stateOf(kind, state === 'ALARM' ? 'OK' : 'ALARM', state === 'ALARM' ? fine : value, at - 3_600_000)
  const event: AlarmEvent = {
    version: '0',
    id,
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: ACCOUNT,
    time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [`arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`],
    detail: {
      alarmName: name,
      state: now,
      previousState: before,
      configuration: {
        description: `${kind.metric} of ${service}. Runbook: https://wiki.example.com/runbooks/${service}`,
        metrics: [
          {
            id,
            metricStat: {
              metric: { namespace: kind.namespace, name: kind.metric, dimensions },
              period: PERIOD_SECONDS,
              stat: kind.stat,
            },
            returnData: true,
          },
        ],
      },
    },
  }
  return event
}

function stateOf({ stat, threshold }: Kind, value: 'ALARM' | 'OK', datapoint: number, at: number): AlarmStateOfEvent {
  const from = timestamp(at - PERIOD_SECONDS * 1000)
  const crossed = value === 'ALARM' ? 'was greater' : 'was not greater'
  return {
    value,
    reason: `Threshold Crossed: 1 out of the last 1 datapoints [${datapoint} (${from})] ${crossed} than the threshold (${threshold}) (minimum 1 datapoint for ${value === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'} transition).`,
    reasonData: JSON.stringify({
      version: '1.0',
      queryDate: timestamp(at),
      startDate: from,
      statistic: stat,
      period: PERIOD_SECONDS,
      recentDatapoints: [datapoint],
      threshold,
      evaluatedDatapoints: [{ timestamp: from, sampleCount: PERIOD_SECONDS, value: datapoint }],
    }),
    timestamp: timestamp(at),
  }
}

/** CloudWatch writes the time zone as digits. */
const timestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000')

const hexOf = (random: () => number): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** 0 ≤ x < 1, from a seed: a linear congruential generator (Knuth's MMIX constants, 64 bits), of which the upper half is used. */
function randomOf(seed: number): () => number {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    return Number(state >> 32n) / 2 ** 32
  }
}
