// The thresholds at which the alarms of a watched service fire: the bounds and the default of each, and where the number comes from.

interface Threshold {
  initial: number
  least: number
  most: number
  /** What is compared with it, and in which unit. */
  means: string
  source: string
}

const PERCENT = { least: 1, most: 100 }
const COUNT = { least: 0, most: 1e12 }

/**
 * "AWS" is its list of recommended alarms,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html.
 * "Ours" is a choice of our own where no vendor gives a number: set these first, to fit your load.
 */
export const THRESHOLDS = {
  diskUsedPercent: {
    initial: 85,
    ...PERCENT,
    means: 'Percent of a file system, of the storage of a task or of a database of known size that is used',
    source: 'RDS best practices: investigate from 85 percent on',
  },
  diskFreeGiB: {
    initial: 10,
    ...COUNT,
    means: 'GiB of storage that a database has left, where `target.rds.storageGiB` does not tell its size',
    source: 'ours: 10 percent of 100 GiB, which is where RDS itself extends storage',
  },
  localDiskFreeGiB: {
    initial: 2,
    ...COUNT,
    means: 'GiB that an Aurora instance has left for temporary files',
    source: 'ours: smaller than the local storage of the smallest instance class, larger than one big sort',
  },
  diskFullHours: {
    initial: 4,
    least: 0.1,
    most: 168,
    means: 'Hours until a disk is full at the pace of the last minutes',
    source: 'the Prometheus node mixin, critical level: predicted to be full within 4 hours',
  },
  diskFreeOfLimitPercent: {
    initial: 200,
    least: 100,
    most: 10_000,
    means: 'Free disk of a broker, in percent of the limit at which it blocks publishers (100 is the limit itself)',
    source: 'RabbitMQ disk alarms: publishers are blocked at the limit; ours: twice that',
  },
  memoryUsedPercent: {
    initial: 80,
    ...PERCENT,
    means: "Percent of memory used: of a host, of a task, of a function, or of a broker's high watermark",
    source: 'AWS: ECS MemoryUtilization 80',
  },
  memoryFreeMiB: {
    initial: 256,
    ...COUNT,
    means: 'MiB of memory that a database has left',
    source: 'ours: below it, databases begin to swap; AWS gives no number that fits every instance class',
  },
  cpuPercent: {
    initial: 80,
    ...PERCENT,
    means: 'Percent of CPU used (databases: 90 by default)',
    source: 'AWS: EC2 and ECS CPUUtilization 80, RDS 90',
  },
  p99Seconds: {
    initial: 2,
    least: 0.001,
    most: 3600,
    means:
      'Seconds that the slowest 1 % of requests take at least (functions with `target.lambda.timeoutSeconds`: 80 % of it by default)',
    source: 'ours: set it to what your users accept',
  },
  storageLatencyMilliseconds: {
    initial: 20,
    least: 0.1,
    most: 60_000,
    means: 'Milliseconds that reads and writes of a database, a volume or a table take',
    source: 'AWS: RDS ReadLatency and WriteLatency above 20 ms are likely a cause for investigation',
  },
  errorsPercent: {
    initial: 5,
    ...PERCENT,
    means: 'Percent of requests or calls that fail',
    source: 'AWS: API Gateway and S3 5XX errors, 5 percent of the requests',
  },
  systemErrors: {
    initial: 0,
    ...COUNT,
    means: 'Requests a minute that DynamoDB itself fails',
    source: 'AWS: DynamoDB SystemErrors, which are never the fault of the caller',
  },
  deadLetters: {
    initial: 0,
    ...COUNT,
    means: 'Messages in the queue of dead letters',
    source: 'ours: each of them is work that was given up',
  },
  queueDepth: {
    initial: 10_000,
    ...COUNT,
    means: 'Messages that wait in a queue or broker',
    source: 'ours: set it to what your consumers take in about ten minutes',
  },
  queueAgeSeconds: {
    initial: 600,
    ...COUNT,
    means: 'Seconds that the oldest message of a queue has waited',
    source: 'ours: ten minutes',
  },
  queueGrowthPerSecond: {
    initial: 10,
    least: 0.001,
    most: 1e9,
    means: 'Messages a second by which a queue or broker grows, for 15 minutes on end',
    source: 'ours: 36,000 messages in an hour',
  },
  inFlight: {
    initial: 108_000,
    ...COUNT,
    means: 'Messages that consumers hold and have not deleted yet',
    source: 'AWS: SQS ApproximateNumberOfMessagesNotVisible, 90 percent of the quota of 120,000',
  },
  connectionsPercent: {
    initial: 80,
    ...PERCENT,
    means:
      'Percent of the connections that a broker (`target.rabbitmq.maxConnections`) or a database (`target.rds.maxConnections`) allows',
    source: 'ours: room for one deployment that opens its connections before the old ones close',
  },
  throttles: {
    initial: 0,
    ...COUNT,
    means: 'Calls a minute that a function or a table turns away',
    source: 'AWS: Lambda Throttles, DynamoDB ReadThrottleEvents and WriteThrottleEvents',
  },
  rejectedConnections: {
    initial: 0,
    ...COUNT,
    means: 'Connections a minute that a load balancer turns away because it is full',
    source: 'ours: none is right',
  },
  ioLimitPercent: {
    initial: 95,
    ...PERCENT,
    means: 'Percent of the I/O limit that a file system uses',
    source: 'AWS: EFS PercentIOLimit 100; ours: 5 points before it',
  },
  burstPercent: {
    initial: 10,
    ...PERCENT,
    means: 'Percent of I/O credits that a database has left',
    source: 'AWS: RDS EBSIOBalance% 10',
  },
  burstCreditGiB: {
    initial: 100,
    ...COUNT,
    means: 'GiB of burst credits that a file system has left',
    source: 'AWS: EFS BurstCreditBalance 0; ours: 17 minutes before it at 100 MiB a second',
  },
  runningTasks: {
    initial: 1,
    least: 1,
    most: 5000,
    means: 'Tasks of an ECS service that run at least',
    source: 'AWS: ECS RunningTaskCount, none left',
  },
  unhealthyTargets: {
    initial: 0,
    ...COUNT,
    means: 'Unhealthy targets behind a load balancer',
    source: 'ours: each of them is capacity that is missing',
  },
  failedChecks: {
    initial: 0,
    least: 0,
    most: 1,
    means: 'Status checks of instances and volumes that fail; `false` leaves these alarms out',
    source: 'AWS: EC2 StatusCheckFailed and EBS VolumeStalledIOCheck, 1',
  },
  silentMinutes: {
    initial: 10,
    least: 5,
    most: 60,
    means: 'Minutes for which a host, a broker or a database has reported nothing',
    source: 'ours: longer than a restart',
  },
} as const satisfies Record<string, Threshold>

export type ThresholdKey = keyof typeof THRESHOLDS

/** Thresholds set one by one; `false` leaves their alarms out. */
export type Watch = { [key in ThresholdKey]?: number | false }

/** The parts of a target that CloudWatch has metrics for, and the key that each needs for that. */
export const WATCHABLE = {
  rabbitmq: 'broker',
  sqs: 'queue',
  ecs: 'service',
  autoScaling: 'group',
  ec2: 'instances',
  onPremises: 'hosts',
  rds: undefined,
  alb: 'loadBalancer',
  lambda: 'function',
  dynamodb: 'table',
  ebs: 'volumes',
  efs: 'fileSystem',
} as const
