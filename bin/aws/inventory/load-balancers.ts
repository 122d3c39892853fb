// Load balancers, and the target groups behind them.
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new ElasticLoadBalancingV2Client(CLIENT))

export async function loadBalancers(): Promise<Found[]> {
  const groups = new Map<string, string[]>()
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: client() }, {}))
    for (const { TargetGroupArn = '', LoadBalancerArns = [] } of TargetGroups)
      for (const arn of LoadBalancerArns) groups.set(arn, [...(groups.get(arn) ?? []), TargetGroupArn])
  const found: Found[] = []
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: client() }, {}))
    found.push(...LoadBalancers.map((each) => foundOf(each, groups.get(each.LoadBalancerArn ?? '') ?? [])))
  return found
}

function foundOf(
  { LoadBalancerName: name = '', LoadBalancerArn = '', DNSName, Type }: LoadBalancer,
  groups: string[],
): Found {
  const loadBalancer = LoadBalancerArn.split(':loadbalancer/')[1] ?? name
  const [group] = groups.map((arn) => arn.split(':').at(-1)!)
  return {
    id: name,
    kind: 'load-balancer',
    what: `${Type ?? 'application'} load balancer`,
    suffix: 'lb',
    // The last part changes when it is recreated.
    alarms: [{ dimensions: { LoadBalancer: loadBalancer.split('/').slice(0, -1).concat('*').join('/') } }],
    ...(Type !== 'network' &&
      Type !== 'gateway' && { target: { alb: { loadBalancer, ...(groups.length === 1 && { targetGroup: group! }) } } }),
    aliases: [name, LoadBalancerArn, ...(DNSName ? [DNSName] : [])],
    uses: groups,
  }
}
