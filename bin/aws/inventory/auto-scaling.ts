// Auto Scaling groups, and the target groups that send them requests.
import { AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new AutoScalingClient(CLIENT))

export async function autoScalingGroups(): Promise<Found[]> {
  const found: Found[] = []
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client: client() }, {}))
    for (const {
      AutoScalingGroupName: group = '',
      TargetGroupARNs = [],
      AutoScalingGroupARN = '',
    } of AutoScalingGroups)
      found.push({
        id: group,
        kind: 'service',
        what: 'Auto Scaling group',
        suffix: 'instances',
        alarms: [{ dimensions: { AutoScalingGroupName: group } }],
        target: { autoScaling: { group } },
        aliases: [group, AutoScalingGroupARN, ...TargetGroupARNs],
        uses: [],
      })
  return found
}
