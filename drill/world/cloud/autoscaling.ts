// Auto Scaling groups: instances that come and go, and refreshes that replace all of them.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Fleet, Pace } from '../service/fleet.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Worker } from '../service/worker.ts'
import { number, text, texts, type Api, type Input, type Place } from './api.ts'

interface Refresh {
  id: string
  group: string
  deployment: string
  startedAt: number
  preferences: unknown
  /** Instances that came or went when it was cancelled: Auto Scaling waits for them. */
  waitsFor?: Worker[]
}

const MINIMUM = 1
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
  const isMoving = ({ state }: Worker): boolean => state !== 'ready'
  const statusOf = ({ waitsFor }: Refresh, workers: Worker[], isDone: boolean): string => {
    if (!waitsFor) return isDone ? 'Successful' : 'InProgress'
    return waitsFor.some((one) => workers.includes(one) && isMoving(one)) ? 'Cancelling' : 'Cancelled'
  }
  const stateOf = (refresh: Refresh) => {
    const { deployment, group: name } = refresh
    const { fleet } = find(name)
    const fresh = fleet.workers.filter((one) => one.deployment === deployment && one.state === 'ready').length
    const old = fleet.workers.filter((one) => one.deployment !== deployment && one.state !== 'stopping').length
    const done = fleet.deployments.find(({ id }) => id === deployment)?.state === 'COMPLETED'
    return {
      Status: statusOf(refresh, fleet.workers, done || (old === 0 && fresh >= fleet.desired)),
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
          MinSize: MINIMUM,
          MaxSize: maximumOf(one),
          DesiredCapacity: one.fleet.desired,
          Instances: one.fleet.workers.map(instanceOf),
        })),
    }),
    StartInstanceRefresh(input) {
      const service = group(input)
      const name = service.plan.autoScaling!.group
      if (refreshes.some((one) => one.group === name && /^(InProgress|Cancelling)$/.test(stateOf(one).Status)))
        throw new Refused('InstanceRefreshInProgress: an instance refresh is in progress already')
      const pace = paceOf(input['Preferences'] ?? {}, service.fleet.desired)
      const deployment = service.fleet.deploy(service.fleet.deployments[0]!.revision, world.second, pace)
      const id = `refresh-${refreshes.length + 1}`
      refreshes.unshift({
        id,
        group: name,
        deployment: deployment.id,
        startedAt: world.second,
        preferences: input['Preferences'],
      })
      return { InstanceRefreshId: id }
    },
    DescribeInstanceRefreshes: (input) => ({
      InstanceRefreshes: refreshes
        .filter((one) => one.group === text(input, 'AutoScalingGroupName'))
        .map((one) => ({
          InstanceRefreshId: one.id,
          AutoScalingGroupName: one.group,
          StartTime: date(one.startedAt),
          ...(one.preferences !== undefined && { Preferences: one.preferences }),
          ...stateOf(one),
        })),
    }),
    CancelInstanceRefresh(input) {
      const { fleet, plan } = group(input)
      const running = refreshes.find(
        (one) => one.group === plan.autoScaling!.group && stateOf(one).Status === 'InProgress',
      )
      if (!running) throw new Refused('ActiveInstanceRefreshNotFound: no instance refresh is in progress')
      running.waitsFor = fleet.workers.filter(isMoving)
      // Workers that are not replaced yet stay, and now belong to the newest deployment.
      for (const worker of fleet.workers) worker.deployment = running.deployment
      return { InstanceRefreshId: running.id }
    },
    DescribeScalingActivities: (input) => ({ Activities: activitiesOf(group(input).fleet, date) }),
    SetDesiredCapacity(input) {
      const service = group(input)
      const wanted = number(input, 'DesiredCapacity') ?? service.fleet.desired
      if (wanted > maximumOf(service))
        throw new Refused(`ValidationError: ${wanted} is above the maximum of the group, ${maximumOf(service)}`)
      if (wanted < MINIMUM)
        throw new Refused(`ValidationError: ${wanted} is below the minimum of the group, ${MINIMUM}`)
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

interface Preferences {
  MinHealthyPercentage?: number
  MaxHealthyPercentage?: number
}

/** However few percent there are between the two, one instance at a time is replaced. */
function paceOf(
  { MinHealthyPercentage: least = 90, MaxHealthyPercentage: most = 100 }: Preferences,
  desired: number,
): Pace {
  const percent = (count: number): number => (count / Math.max(1, desired)) * 100
  return most > 100
    ? { minimumHealthyPercent: least, maximumPercent: Math.max(most, Math.ceil(percent(desired + 1))) }
    : { minimumHealthyPercent: Math.min(least, Math.floor(percent(desired - 1))), maximumPercent: most }
}

/** Newest first. */
const activitiesOf = ({ gone, workers, breaks }: Fleet, date: Place['date']) =>
  [
    ...gone.filter(({ why }) => why === 'failed').map(({ worker }) => ({ worker, StatusCode: 'Failed' })),
    ...workers.map((worker) => ({ worker, StatusCode: worker.state === 'starting' ? 'InProgress' : 'Successful' })),
  ]
    .sort((a, b) => b.worker.startedAt - a.worker.startedAt)
    .map(({ worker, StatusCode }) => ({
      StatusCode,
      StartTime: date(worker.startedAt),
      Description: `Launching a new EC2 instance: ${worker.id}`,
      ...(StatusCode === 'Failed' && { StatusMessage: breaks }),
    }))
