// What a service is called that nobody has declared: by the resource in its alarm's dimensions, which several alarms share, not by an alarm's name.
import { own } from '../words/words.ts'
import type { Change } from '../incident/alarm.ts'

/**
 * Dimensions that name a resource, the most telling first, and the one that holds it, if its name alone is not enough. Source: the lists of dimensions in
 * the AWS services' CloudWatch documentation; the last ones are what applications, Prometheus and OpenTelemetry call themselves.
 */
const RESOURCES: readonly [dimension: string, within?: string][] = [
  ['ServiceName', 'ClusterName'],
  ['DBInstanceIdentifier'],
  ['DBClusterIdentifier'],
  ['FunctionName'],
  ['LoadBalancer'],
  ['LoadBalancerName'],
  ['TargetGroup'],
  ['QueueName'],
  ['TableName'],
  ['Broker'],
  ['AutoScalingGroupName'],
  ['InstanceId'],
  ['ReplicationGroupId'],
  ['CacheClusterId'],
  ['ApiName'],
  ['ApiId'],
  ['StateMachineArn'],
  ['StreamName'],
  ['DeliveryStreamName'],
  ['TopicName'],
  ['DomainName'],
  ['ClusterIdentifier'],
  ['Cluster Name'],
  ['EnvironmentName'],
  ['DistributionId'],
  ['FileSystemId'],
  ['BucketName'],
  ['RuleName', 'EventBusName'],
  ['NatGatewayId'],
  ['VolumeId'],
  ['CertificateArn'],
  ['CanaryName'],
  ['Service', 'ClusterName'],
  ['service.name', 'k8s.namespace.name'],
  ['service'],
  ['ClusterName'],
]

const LONGEST = 128

/** Undefined if no dimension names a resource. */
export function resourceIn(dimensions: Change['dimensions']): { id: string; dimension: string } | undefined {
  if (!dimensions) return undefined
  for (const [dimension, within] of RESOURCES) {
    const value = own(dimensions, dimension)
    if (value === undefined || value === '') continue
    const holder = within === undefined ? undefined : own(dimensions, within)
    const id = [...(holder ? [nameIn(holder)] : []), nameIn(value)].join('/')
    return { id: id.slice(0, LONGEST), dimension }
  }
  return undefined
}

/** `app/studio/50dc6c495c0c9188` and `targetgroup/studio/73e2d6bc24d8a067` are called studio, and an ARN by its last part. */
function nameIn(value: string): string {
  if (value.startsWith('arn:'))
    return value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf(':')) + 1) || value
  const parts = value.split('/')
  return parts.length > 1 && BALANCING.has(parts[0]!) ? parts[1]! : value
}

const BALANCING = new Set(['app', 'net', 'gwy', 'targetgroup'])
