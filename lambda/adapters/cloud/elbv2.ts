// Elastic Load Balancing: which targets are healthy.
import { ElasticLoadBalancingV2Client, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { api } from '../../ports/api.ts'

export const elbv2 = api((settings) => new ElasticLoadBalancingV2Client(settings), {
  DescribeTargetHealth: DescribeTargetHealthCommand,
})
