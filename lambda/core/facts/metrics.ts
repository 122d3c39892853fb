// What is known about metrics: the signal of each, and its unit if the name does not tell. Facts only; users add rows with `signals`.
import { own } from '../words/words.ts'
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
  ['availability', /health|status.?check|availab|heartbeat|canary|up.?time|\bdown\b|unreachable/i],
  ['errors', /error|fault|fail|5xx|4xx|\b50\d\b|_50\d|exception|reject|dead.?letter|dlq/i],
  ['disk', /disk|storage|volume|inode|file.?system/i],
  ['memory', /mem(?!ber)|heap|swap|\boom\b/i],
  [
    'saturation',
    /queue|depth|backlog|in.?flight|throttl|connections|pending|utili[sz]ation.?limit|saturat|burst|credit|age\b|visible/i,
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

/** Signal of a metric; `name` (the alarm's) decides if there is no metric or it does not tell. The user's rules come first. */
export function signalOf(
  namespace: string | undefined,
  metric: string | undefined,
  name: string,
  rules: readonly SignalRule[] = [],
): Signal {
  for (const rule of rules) {
    if (rule.namespace !== undefined && rule.namespace !== namespace) continue
    if (rule.metric !== undefined && rule.metric !== metric) continue
    return rule.signal
  }
  if (metric === undefined) return guessFrom(name) ?? 'other'
  const known = factsOf(namespace, metric)
  if (known) return known[0]
  const before = guessed.get(metric)
  if (before !== undefined) return before
  const guess = guessFrom(metric)
  if (guess === undefined) return guessFrom(name) ?? 'other'
  if (guessed.size < MOST_REMEMBERED) guessed.set(metric, guess)
  return guess
}

/** Earlier guesses, by metric. */
const guessed = new Map<string, Signal>()

const MOST_REMEMBERED = 1000

function guessFrom(text: string | undefined): Signal | undefined {
  if (text === undefined) return undefined
  return SIGNAL_WORDS.find(([, word]) => word.test(text))?.[0]
}
