// The words Tocsin knows: signals, kinds of service, and which metric is which signal. Facts only; users add rows with `signals` in the config.

export const SIGNALS = ['disk', 'memory', 'latency', 'errors', 'saturation', 'availability', 'cpu', 'other'] as const
export type Signal = (typeof SIGNALS)[number]

export const KINDS = ['service', 'load-balancer', 'client', 'database', 'queue', 'external'] as const
export type Kind = (typeof KINDS)[number]

/** `namespace metric`, exact. Source: the metric lists of the AWS services' CloudWatch documentation and the CloudWatch agent's. */
const METRICS = new Map<string, Signal>(
  Object.entries({
    'AWS/AmazonMQ RabbitMQDiskFree': 'disk',
    'AWS/AmazonMQ RabbitMQMemUsed': 'memory',
    'AWS/AmazonMQ MessageCount': 'saturation',
    'AWS/AmazonMQ MessageReadyCount': 'saturation',
    'AWS/AmazonMQ ConnectionCount': 'saturation',
    'AWS/AmazonMQ HeapUsage': 'memory',
    'AWS/AmazonMQ StorePercentUsage': 'disk',
    'AWS/ApplicationELB TargetResponseTime': 'latency',
    'AWS/ApplicationELB UnHealthyHostCount': 'availability',
    'AWS/ApplicationELB HealthyHostCount': 'availability',
    'AWS/ApplicationELB RejectedConnectionCount': 'saturation',
    'AWS/ApplicationELB TargetConnectionErrorCount': 'errors',
    'AWS/DynamoDB SuccessfulRequestLatency': 'latency',
    'AWS/DynamoDB SystemErrors': 'errors',
    'AWS/DynamoDB UserErrors': 'errors',
    'AWS/EC2 StatusCheckFailed': 'availability',
    'AWS/EC2 StatusCheckFailed_Instance': 'availability',
    'AWS/EC2 StatusCheckFailed_System': 'availability',
    'AWS/EC2 CPUCreditBalance': 'cpu',
    'AWS/EBS BurstBalance': 'saturation',
    'AWS/EBS VolumeAvgReadLatency': 'latency',
    'AWS/EBS VolumeAvgWriteLatency': 'latency',
    'AWS/EBS VolumeIOPSExceededCheck': 'saturation',
    'AWS/EBS VolumeStalledIOCheck': 'availability',
    'AWS/EBS VolumeThroughputExceededCheck': 'saturation',
    'AWS/EBS VolumeQueueLength': 'saturation',
    'AWS/EFS PercentIOLimit': 'saturation',
    'AWS/EFS BurstCreditBalance': 'saturation',
    'AWS/Lambda Duration': 'latency',
    'AWS/Lambda Throttles': 'saturation',
    'AWS/Lambda ConcurrentExecutions': 'saturation',
    'AWS/Lambda IteratorAge': 'latency',
    'AWS/RDS DatabaseConnections': 'saturation',
    'AWS/RDS DBLoad': 'saturation',
    'AWS/RDS DiskQueueDepth': 'saturation',
    'AWS/RDS EBSByteBalance%': 'saturation',
    'AWS/RDS EBSIOBalance%': 'saturation',
    'AWS/RDS FreeLocalStorage': 'disk',
    'AWS/RDS FreeStorageSpace': 'disk',
    'AWS/RDS FreeableMemory': 'memory',
    'AWS/RDS ReplicaLag': 'latency',
    'AWS/RDS SwapUsage': 'memory',
    'AWS/SQS ApproximateAgeOfOldestMessage': 'saturation',
    'AWS/SQS ApproximateNumberOfMessagesVisible': 'saturation',
    'ECS/ContainerInsights RunningTaskCount': 'availability',
  }),
)

/** Where the table has no row: the first word that a metric's (or alarm's) name holds. The order matters: `DiskQueueDepth` is listed above. */
const WORDS: [Signal, RegExp][] = [
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

export interface SignalRule {
  namespace?: string
  metric?: string
  signal: Signal
}

/** Signal of a metric; `name` (the alarm's) decides where there is no metric. Rules of the user come first. */
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
  const known = signalsIn(namespace ?? '')
  const signal = known.get(metric)
  if (signal !== undefined) return signal
  const guess = guessFrom(metric)
  if (guess === undefined) return guessFrom(name) ?? 'other'
  if (known.size < MOST_REMEMBERED) known.set(metric, guess)
  return guess
}

/** Per namespace: what the table says, and what was guessed before. */
const bySpace = new Map<string, Map<string, Signal>>()
const MOST_REMEMBERED = 1000

function signalsIn(namespace: string): Map<string, Signal> {
  const before = bySpace.get(namespace)
  if (before) return before
  const prefix = `${namespace} `
  const listed = [...METRICS]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, signal]) => [key.slice(prefix.length), signal] as const)
  const known = new Map(listed)
  if (bySpace.size < MOST_REMEMBERED) bySpace.set(namespace, known)
  return known
}

function guessFrom(text: string | undefined): Signal | undefined {
  if (text === undefined) return undefined
  return WORDS.find(([, word]) => word.test(text))?.[0]
}

export const SEVERITIES = ['minor', 'major', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
