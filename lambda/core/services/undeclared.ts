// What a service is called that nobody has declared: by the resource in its alarm's dimensions, which several alarms share, not by an alarm's name.
import { own } from '../words/words.ts'
import type { Change } from '../incident/alarm.ts'

interface Resource {
  dimension: string
  /** Dimensions that hold it: its name alone is not enough. */
  within?: readonly string[]
  /** What it is, where services are called alike: a queue and a table may both be `orders`. */
  kind?: string
  /** It names a resource only if there is no other dimension. */
  alone?: true
}

/**
 * Dimensions that name a resource, the most telling first. Source: the lists of dimensions in the AWS services' CloudWatch documentation; the last ones are
 * what applications, Prometheus and OpenTelemetry call themselves.
 */
const RESOURCES: readonly Resource[] = [
  { dimension: 'ServiceName', within: ['ClusterName'] },
  { dimension: 'DBInstanceIdentifier', kind: 'database' },
  { dimension: 'DBClusterIdentifier', kind: 'database' },
  { dimension: 'FunctionName', kind: 'function' },
  { dimension: 'TargetGroup', kind: 'targets' },
  { dimension: 'LoadBalancer', kind: 'load balancer' },
  { dimension: 'LoadBalancerName', kind: 'load balancer' },
  { dimension: 'QueueName', kind: 'queue' },
  { dimension: 'TableName', kind: 'table' },
  { dimension: 'Broker', kind: 'broker' },
  { dimension: 'AutoScalingGroupName', kind: 'group' },
  { dimension: 'InstanceId' },
  { dimension: 'ReplicationGroupId', kind: 'cache' },
  { dimension: 'CacheClusterId', kind: 'cache' },
  { dimension: 'ApiName', within: ['Stage'], kind: 'API' },
  { dimension: 'ApiId', within: ['Stage'], kind: 'API' },
  { dimension: 'StateMachineArn', kind: 'state machine' },
  { dimension: 'StreamName', kind: 'stream' },
  { dimension: 'DeliveryStreamName', kind: 'stream' },
  { dimension: 'TopicName', kind: 'topic' },
  { dimension: 'DomainName', kind: 'domain' },
  { dimension: 'ClusterIdentifier', kind: 'cluster' },
  { dimension: 'Cluster Name', kind: 'cluster' },
  { dimension: 'EnvironmentName', kind: 'environment' },
  { dimension: 'DistributionId', kind: 'distribution' },
  { dimension: 'FileSystemId' },
  { dimension: 'BucketName', kind: 'bucket' },
  { dimension: 'RuleName', within: ['EventBusName'], kind: 'rule' },
  { dimension: 'NatGatewayId' },
  { dimension: 'VolumeId' },
  { dimension: 'CertificateArn', kind: 'certificate' },
  { dimension: 'CanaryName', kind: 'canary' },
  { dimension: 'Service', within: ['ClusterName', 'Environment', 'Namespace'] },
  { dimension: 'service.name', within: ['k8s.namespace.name'] },
  { dimension: 'service' },
  { dimension: 'PodName', within: ['ClusterName', 'Namespace'] },
  { dimension: 'ClusterName', kind: 'cluster', alone: true },
]

/** Their Service and ServiceName are whole products of AWS. */
const OF_ACCOUNTS = new Set(['AWS/Usage', 'AWS/TrustedAdvisor', 'AWS/Billing'])

const LONGEST = 100

/** Undefined if no dimension names a resource. */
export function resourceIn({
  namespace,
  dimensions,
}: Pick<Change, 'namespace' | 'dimensions'>): { id: string; dimension: string } | undefined {
  if (!dimensions || OF_ACCOUNTS.has(namespace ?? '')) return undefined
  for (const { dimension, within = [], kind, alone } of RESOURCES) {
    const value = own(dimensions, dimension)
    if (value === undefined || value === '' || (alone && Object.keys(dimensions).length > 1)) continue
    const holders = within.flatMap((name) => own(dimensions, name) ?? [])
    const name = [...holders, nameIn(dimension, value)].join('/').slice(0, LONGEST)
    return { id: kind === undefined ? name : `${name} ${kind}`, dimension }
  }
  return undefined
}

/** `app/studio/50dc6c495c0c9188` and `targetgroup/studio/73e2d6bc24d8a067` are called studio, and an ARN by its last part. */
function nameIn(dimension: string, value: string): string {
  if (value.startsWith('arn:'))
    return value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf(':')) + 1) || value
  const parts = value.split('/')
  return BALANCING.has(dimension) && parts.length > 1 ? parts[1]! : value
}

const BALANCING = new Set(['LoadBalancer', 'TargetGroup'])
