// Auto Scaling groups of EC2 instances.
import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { api } from '../../ports/api.ts'

export const autoscaling = api((settings) => new AutoScalingClient(settings), {
  CancelInstanceRefresh: CancelInstanceRefreshCommand,
  DescribeAutoScalingGroups: DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshes: DescribeInstanceRefreshesCommand,
  DescribeScalingActivities: DescribeScalingActivitiesCommand,
  SetDesiredCapacity: SetDesiredCapacityCommand,
  StartInstanceRefresh: StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroup: TerminateInstanceInAutoScalingGroupCommand,
})
