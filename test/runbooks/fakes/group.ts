// One Auto Scaling group that keeps its capacity, and one instance refresh at a time that replaces an instance every two minutes.
import type { Actions, Clock } from './cloud.ts'

interface Instance {
  id: string
  createdAt: number
  goneAt?: number
}

interface Refresh {
  id: string
  startedAt: number
  status: string
}

export interface FakeGroup {
  actions: Actions
  breaks: boolean
  desired: number
  fresh(since: number): number
  ids(): string[]
  startRefresh(): void
  killOne(): void
}

const STEP_SECONDS = 120

export function fakeGroup(clock: Clock, count = 4): FakeGroup {
  const instances: Instance[] = []
  const refreshes: Refresh[] = []
  let made = 0
  const launch = (createdAt: number): void =>
    void instances.push({ id: `i-${(made += 1).toString().padStart(17, '0')}`, createdAt })
  const alive = (): Instance[] => instances.filter(({ goneAt }) => goneAt === undefined || goneAt > clock.now)
  const isUp = ({ createdAt, goneAt }: Instance): boolean => clock.now - createdAt >= 60_000 && goneAt === undefined
  const end = (instance: Instance): void => void (instance.goneAt = clock.now + 30_000)
  const self: FakeGroup = {
    actions: {},
    breaks: false,
    desired: count,
    fresh: (since) => alive().filter((one) => one.createdAt >= since && isUp(one)).length,
    ids: () => alive().map(({ id }) => id),
    startRefresh: () =>
      void refreshes.unshift({ id: `r${refreshes.length}`, startedAt: clock.now, status: 'InProgress' }),
    killOne: () => end(alive()[0]!),
  }
  for (let n = 0; n < count; n++) launch(clock.now - 86_400_000)

  const converge = (): void => {
    const [refresh] = refreshes
    if (refresh?.status === 'Cancelling') refresh.status = 'Cancelled'
    if (refresh?.status === 'InProgress' && !self.breaks) {
      const replaced = Math.floor((clock.now - refresh.startedAt) / 1000 / STEP_SECONDS)
      const old = alive().filter(({ createdAt, goneAt }) => createdAt < refresh.startedAt && goneAt === undefined)
      for (const instance of old.slice(0, Math.max(0, replaced - (self.desired - old.length)))) end(instance)
      const left = alive().filter(({ createdAt, goneAt }) => createdAt < refresh.startedAt && goneAt === undefined)
      if (left.length === 0 && self.fresh(refresh.startedAt) >= self.desired) refresh.status = 'Successful'
    }
    const staying = alive().filter(({ goneAt }) => goneAt === undefined)
    for (let n = staying.length; n < self.desired; n++) launch(clock.now)
    for (const instance of staying.slice(self.desired)) end(instance)
  }

  self.actions = {
    DescribeAutoScalingGroups({ AutoScalingGroupNames }: { AutoScalingGroupNames: string[] }) {
      converge()
      if (AutoScalingGroupNames[0] !== 'workers') return { AutoScalingGroups: [] }
      const Instances = alive().map((one) => ({
        InstanceId: one.id,
        LifecycleState: one.goneAt !== undefined ? 'Terminating' : isUp(one) ? 'InService' : 'Pending',
        HealthStatus: 'Healthy',
      }))
      return { AutoScalingGroups: [{ DesiredCapacity: self.desired, MinSize: 1, MaxSize: 10, Instances }] }
    },
    DescribeInstanceRefreshes() {
      converge()
      return {
        InstanceRefreshes: refreshes.map(({ id, startedAt, status }) => ({
          InstanceRefreshId: id,
          Status: status,
          StartTime: new Date(startedAt),
          PercentageComplete: 50,
        })),
      }
    },
    DescribeScalingActivities: () => ({
      Activities:
        self.breaks && refreshes[0]
          ? [{ StatusCode: 'Failed', StartTime: new Date(clock.now), StatusMessage: 'the AMI is not there' }]
          : [{ StatusCode: 'Successful', StartTime: new Date(clock.now) }],
    }),
    StartInstanceRefresh() {
      if (['InProgress', 'Pending'].includes(refreshes[0]?.status ?? ''))
        throw new Error('InstanceRefreshInProgressFault')
      self.startRefresh()
      return { InstanceRefreshId: refreshes[0]!.id }
    },
    CancelInstanceRefresh() {
      refreshes[0]!.status = 'Cancelling'
      return {}
    },
    SetDesiredCapacity({ DesiredCapacity }: { DesiredCapacity: number }) {
      self.desired = DesiredCapacity
      converge()
      return {}
    },
    TerminateInstanceInAutoScalingGroup({ InstanceId }: { InstanceId: string }) {
      end(alive().find(({ id }) => id === InstanceId)!)
      converge()
      return {}
    },
  }
  return self
}
