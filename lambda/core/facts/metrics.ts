// What is known about metrics: the signal of each, and its unit if the name does not tell. Facts only; users add rows with `signals`.
import { tokensOf } from '../words/tokens.ts'
import { own } from '../words/words.ts'
import type { Side } from '../incident/alarm.ts'
import type { Signal } from './signals.ts'

export type Unit = 'bytes' | 'percent' | 'seconds' | 'milliseconds' | 'hours' | 'count'

export type MetricFacts = readonly [signal: Signal, unit?: Unit]

/** By namespace and metric. Source: the metric lists of the AWS services' CloudWatch documentation and the CloudWatch agent's. */
const METRICS: Readonly<Record<string, Readonly<Record<string, MetricFacts>>>> = {
  'AWS/AmazonMQ': {
    RabbitMQDiskFree: ['disk', 'bytes'],
    RabbitMQMemUsed: ['memory', 'bytes'],
    MessageCount: ['saturation'],
    MessageReadyCount: ['saturation'],
    ConnectionCount: ['saturation'],
    HeapUsage: ['memory'],
    StorePercentUsage: ['disk'],
    RabbitMQMemLimit: ['memory', 'bytes'],
  },
  'AWS/ApplicationELB': {
    TargetResponseTime: ['latency', 'seconds'],
    UnHealthyHostCount: ['availability'],
    HealthyHostCount: ['availability'],
    RejectedConnectionCount: ['saturation'],
    TargetConnectionErrorCount: ['errors'],
  },
  'AWS/CloudWatchSynthetics': {
    SuccessPercent: ['availability', 'percent'],
    Failed: ['errors'],
  },
  'AWS/DX': {
    ConnectionState: ['availability'],
  },
  'AWS/VPN': {
    TunnelState: ['availability'],
  },
  'AWS/DynamoDB': {
    SuccessfulRequestLatency: ['latency', 'milliseconds'],
    SystemErrors: ['errors'],
    UserErrors: ['errors'],
  },
  'AWS/EC2': {
    StatusCheckFailed: ['availability'],
    StatusCheckFailed_Instance: ['availability'],
    StatusCheckFailed_System: ['availability'],
    CPUCreditBalance: ['cpu', 'count'],
    'EBSByteBalance%': ['saturation'],
    'EBSIOBalance%': ['saturation'],
  },
  'AWS/ElastiCache': {
    CPUCreditBalance: ['cpu', 'count'],
  },
  'AWS/EBS': {
    BurstBalance: ['saturation'],
    VolumeAvgReadLatency: ['latency'],
    VolumeAvgWriteLatency: ['latency'],
    VolumeIOPSExceededCheck: ['saturation'],
    VolumeStalledIOCheck: ['availability'],
    VolumeThroughputExceededCheck: ['saturation'],
    VolumeQueueLength: ['saturation'],
  },
  'AWS/EFS': {
    PercentIOLimit: ['saturation'],
    BurstCreditBalance: ['saturation'],
  },
  'AWS/Lambda': {
    Duration: ['latency', 'milliseconds'],
    Throttles: ['saturation'],
    ConcurrentExecutions: ['saturation'],
    IteratorAge: ['latency', 'milliseconds'],
  },
  'AWS/RDS': {
    CPUCreditBalance: ['cpu', 'count'],
    DatabaseConnections: ['saturation'],
    DBLoad: ['saturation'],
    DiskQueueDepth: ['saturation'],
    'EBSByteBalance%': ['saturation'],
    'EBSIOBalance%': ['saturation'],
    FreeLocalStorage: ['disk'],
    FreeStorageSpace: ['disk'],
    FreeableMemory: ['memory'],
    ReplicaLag: ['latency'],
    SwapUsage: ['memory', 'bytes'],
    ReadLatency: ['latency', 'seconds'],
    WriteLatency: ['latency', 'seconds'],
  },
  'AWS/SQS': {
    ApproximateAgeOfOldestMessage: ['saturation', 'seconds'],
    ApproximateNumberOfMessagesVisible: ['saturation'],
  },
  'ECS/ContainerInsights': {
    RunningTaskCount: ['availability'],
  },
}

/** Without a row above: the first pattern that fits the metric's (or alarm's) name. Order matters: that is why `DiskQueueDepth` has a row. */
const SIGNAL_WORDS: readonly [Signal, RegExp][] = [
  ['availability', /health|status.?check|availab(?!le)|heartbeat|canary|up.?time|\bdown\b|unreachable/i],
  ['errors', /error|fault|fail|5xx|4xx|\b50\d\b|_50\d|exception|reject|dead.?letter|dlq/i],
  ['disk', /disk|storage|volume|inode|file.?system/i],
  ['memory', /mem(?!ber)|heap|swap|\boom\b/i],
  [
    'saturation',
    /queue|depth|backlog|in.?flight|throttl|connections|pending|utili[sz]ation.?limit|saturat|burst|credit|(?<!us)age\b|visible/i,
  ],
  ['latency', /latency|duration|response.?time|connect.?time|\bp\d\d|lag|delay|slow|timeout/i],
  ['cpu', /cpu|load.?average/i],
]

/** The same for units. */
export const UNIT_WORDS: readonly [Unit, RegExp][] = [
  ['percent', /percent|utili[sz]ation|_pct\b/i],
  ['milliseconds', /(?:milli|_ms$|Ms$)/],
  ['bytes', /bytes|storage|freeable|memory(?!count)|memused|diskfree/i],
  ['seconds', /seconds|latency|connecttime|responsetime|age$|lag$/i],
]

export const factsOf = (namespace: string | undefined, metric: string): MetricFacts | undefined => {
  const space = own(METRICS, namespace ?? '')
  return own(space, metric)
}

export interface SignalRule {
  namespace?: string
  metric?: string
  signal: Signal
}

/** Words of metrics that count what is left, or what went well: of these, little is bad. Of all others, much. */
const COUNTS_DOWN: Partial<Record<Signal, readonly string[]>> = {
  disk: ['free', 'avail', 'available', 'remain', 'remaining', 'left', 'until', 'low'],
  memory: ['free', 'freeable', 'avail', 'available', 'remain', 'remaining', 'left', 'low'],
  cpu: ['idle', 'credit', 'credits', 'balance', 'remain', 'remaining'],
  saturation: ['free', 'avail', 'available', 'remain', 'remaining', 'left', 'balance', 'credit', 'credits', 'headroom'],
  errors: ['success', 'successes', 'successful', 'succeeded'],
  latency: [],
}

/** What is used of a space grows, whatever else is in the name. */
const COUNTS_UP: Partial<Record<Signal, readonly string[]>> = {
  disk: ['used', 'usage', 'utilization', 'utilisation'],
  memory: ['used', 'usage', 'utilization', 'utilisation'],
}

/** Too little is not too much: an idle machine is not short of CPU. Availability and what is not known have no such side. */
function onItsSide(signal: Signal, text: string, side: Side | undefined): Signal {
  const down = COUNTS_DOWN[signal]
  if (!down || (side !== 'above' && side !== 'below')) return signal
  const words = tokensOf(text)
  const isDown = words.some((word) => down.includes(word)) && !words.some((word) => COUNTS_UP[signal]?.includes(word))
  return side === (isDown ? 'below' : 'above') ? signal : 'other'
}

export interface Measured {
  namespace?: string | undefined
  metric?: string | undefined
  /** The alarm's. */
  name: string
  /** Which side of its threshold is bad. */
  side?: Side | undefined
}

/**
 * Signal of a metric on the side of its threshold that is bad; `name` (the alarm's) decides if there is no metric or it does not tell. The user's rules
 * come first, whatever the side.
 */
export function signalOf({ namespace, metric, name, side }: Measured, rules: readonly SignalRule[] = []): Signal {
  for (const rule of rules) {
    if (rule.namespace !== undefined && rule.namespace !== namespace) continue
    if (rule.metric !== undefined && rule.metric !== metric) continue
    return rule.signal
  }
  if (metric === undefined) return onItsSide(guessFrom(name) ?? 'other', name, side)
  const known = factsOf(namespace, metric)?.[0] ?? guessed.get(metric)
  if (known) return onItsSide(known, metric, side)
  const guess = guessFrom(metric)
  if (guess === undefined) return onItsSide(guessFrom(name) ?? 'other', name, side)
  if (guessed.size < MOST_REMEMBERED) guessed.set(metric, guess)
  return onItsSide(guess, metric, side)
}

/** Earlier guesses, by metric. */
const guessed = new Map<string, Signal>()

const MOST_REMEMBERED = 1000

function guessFrom(text: string | undefined): Signal | undefined {
  if (text === undefined) return undefined
  return SIGNAL_WORDS.find(([, word]) => word.test(text))?.[0]
}
