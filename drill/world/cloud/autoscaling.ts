// Auto Scaling groups: instances that come and go, and refreshes that replace all of them.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Worker } from '../service/worker.ts'
import { number, text, texts, type Api, type Input, type Place } from './api.ts'

interface Refresh {
  id: string
  group: string
  deployment: string
  startedAt: number
  cancelled?: boolean
}

const LIFECYCLE = { starting: 'Pending', ready: 'InService', stopping: 'Terminating' } as const

export function autoscaling({ world, arn, date }: Place): Api {
  const refreshes: Refresh[] = []
  const groups = [...world.services.values()].filter(({ plan }) => plan.autoScaling)
  const find = (name: string): SimulatedService => {
    const found = groups.find(({ plan }) => plan.autoScaling!.group === name)
    if (!found) throw new Refused(`ValidationError: there is no Auto Scaling group ${name}`)
    return found
  }
  const group = (input: Input): SimulatedService => find(text(input, 'AutoScalingGroupName'))
  const maximumOf = ({ plan }: SimulatedService): number => plan.autoScaling!.maximum ?? plan.workers.count * 2
  const stateOf = ({ deployment, group: name, cancelled }: Refresh) => {
    const { fleet } = find(name)
    const fresh = fleet.workers.filter((one) => one.deployment === deployment && one.state === 'ready').length
    const old = fleet.workers.filter((one) => one.deployment !== deployment && one.state !== 'stopping').length
    const done = fleet.deployments.find(({ id }) => id === deployment)?.state === 'COMPLETED'
    return {
      Status: cancelled ? 'Cancelled' : done || (old === 0 && fresh >= fleet.desired) ? 'Successful' : 'InProgress',
      PercentageComplete: Math.min(100, Math.floor((fresh / Math.max(1, fleet.desired)) * 100)),
      InstancesToUpdate: old,
    }
  }
  const instanceOf = (worker: Worker) => ({
    InstanceId: worker.id,
    AvailabilityZone: `${world.plan.region}a`,
    LifecycleState: LIFECYCLE[worker.state],
    HealthStatus: 'Healthy',
  })

  return {
    DescribeAutoScalingGroups: (input) => ({
      AutoScalingGroups: groups
        .filter(({ plan }) => {
          const wanted = texts(input, 'AutoScalingGroupNames')
          return wanted.length === 0 || wanted.includes(plan.autoScaling!.group)
        })
        .map((one) => ({
          AutoScalingGroupName: one.plan.autoScaling!.group,
          AutoScalingGroupARN: arn(
            'autoscaling',
            `autoScalingGroup:0:autoScalingGroupName/${one.plan.autoScaling!.group}`,
          ),
          MinSize: 1,
          MaxSize: maximumOf(one),
          DesiredCapacity: one.fleet.desired,
          Instances: one.fleet.workers.map(instanceOf),
        })),
    }),
    StartInstanceRefresh(input) {
      const service = group(input)
      const name = service.plan.autoScaling!.group
      if (refreshes.some((one) => one.group === name && stateOf(one).Status === 'InProgress'))
        throw new Refused('InstanceRefreshInProgress: an instance refresh is in progress already')
      const preferences = (input['Preferences'] ?? {}) as {
        MinHealthyPercentage?: number
        MaxHealthyPercentage?: number
      }
      const deployment = service.fleet.deploy(service.fleet.deployments[0]!.revision, world.second, {
        minimumHealthyPercent: preferences.MinHealthyPercentage ?? 90,
        maximumPercent: preferences.MaxHealthyPercentage ?? 100,
      })
      const id = `refresh-${refreshes.length + 1}`
      refreshes.unshift({ id, group: name, deployment: deployment.id, startedAt: world.second })
      return { InstanceRefreshId: id }
    },
    DescribeInstanceRefreshes: (input) => ({
      InstanceRefreshes: refreshes
        .filter((one) => one.group === text(input, 'AutoScalingGroupName'))
        .map((one) => ({
          InstanceRefreshId: one.id,
          AutoScalingGroupName: one.group,
          StartTime: date(one.startedAt),
          ...stateOf(one),
        })),
    }),
    CancelInstanceRefresh(input) {
      const { fleet, plan } = group(input)
      const running = refreshes.find(
        (one) => one.group === plan.autoScaling!.group && stateOf(one).Status === 'InProgress',
      )
      if (!running) throw new Refused('ActiveInstanceRefreshNotFound: no instance refresh is in progress')
      running.cancelled = true
      // Workers that are not replaced yet stay, and now belong to the newest deployment.
      for (const worker of fleet.workers) worker.deployment = running.deployment
      return { InstanceRefreshId: running.id }
    },
    DescribeScalingActivities: () => ({ Activities: [] }),
    SetDesiredCapacity(input) {
      const service = group(input)
      const wanted = number(input, 'DesiredCapacity') ?? service.fleet.desired
      if (wanted > maximumOf(service))
        throw new Refused(`ValidationError: ${wanted} is above the maximum of the group, ${maximumOf(service)}`)
      service.fleet.desired = wanted
      return {}
    },
    TerminateInstanceInAutoScalingGroup(input) {
      const id = text(input, 'InstanceId')
      const owner = groups.find(({ fleet }) => fleet.workers.some((worker) => worker.id === id))
      if (!owner) throw new Refused(`ValidationError: the instance ${id} is in no Auto Scaling group`)
      if (input['ShouldDecrementDesiredCapacity'] === true) owner.fleet.desired--
      owner.fleet.stop(id, world.second)
      return { Activity: { StatusCode: 'InProgress', StartTime: date(world.second) } }
    },
  }
}
