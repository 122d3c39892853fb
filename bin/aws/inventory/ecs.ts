// ECS services, and the target groups that send them requests.
import {
  DescribeServicesCommand,
  ECSClient,
  paginateListClusters,
  paginateListServices,
  type Service,
} from '@aws-sdk/client-ecs'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new ECSClient(CLIENT))

/** DescribeServices takes ten at once. */
const AT_ONCE = 10

export async function ecsServices(): Promise<Found[]> {
  const found: Found[] = []
  for await (const { clusterArns = [] } of paginateListClusters({ client: client() }, {}))
    for (const cluster of clusterArns) found.push(...(await servicesIn(cluster)))
  return found
}

async function servicesIn(cluster: string): Promise<Found[]> {
  const arns: string[] = []
  for await (const { serviceArns = [] } of paginateListServices({ client: client() }, { cluster }))
    arns.push(...serviceArns)
  const found: Found[] = []
  for (let i = 0; i < arns.length; i += AT_ONCE) {
    const { services = [] } = await client().send(
      new DescribeServicesCommand({ cluster, services: arns.slice(i, i + AT_ONCE) }),
    )
    found.push(
      ...services.filter(({ status }) => status !== 'INACTIVE').map((service) => foundOf(service, nameIn(cluster))),
    )
  }
  return found
}

const nameIn = (arn: string): string => arn.split('/').at(-1) ?? arn

function foundOf({ serviceName = '', serviceArn = '', loadBalancers = [] }: Service, cluster: string): Found {
  return {
    id: serviceName,
    kind: 'service',
    what: `ECS service in ${cluster}`,
    suffix: cluster,
    alarms: [{ dimensions: { ClusterName: cluster, ServiceName: serviceName } }],
    target: { ecs: { cluster, service: serviceName } },
    aliases: [serviceArn, serviceName, ...loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? [])],
    uses: [],
  }
}
