// Memory of an Auto Scaling group: terminates the instance that uses most, and Auto Scaling launches a new one.
import { figure } from '../parts/breach.ts'
import { largest, type User } from './memory.ts'
import { plural } from '../../core/words/words.ts'
import {
  capacityOf,
  groupOf,
  groupPermissions,
  inService,
  REPLACED,
  seenOf,
  templateOf,
  type Group,
  type Seen as SeenGroup,
} from '../parts/group.ts'
import type { Kind } from '../parts/kind.ts'
import { largestPermissions, percents } from '../parts/largest.ts'
import { metricPermissions } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import type { Step } from '../runbook.ts'
import type { Options } from './options.ts'

interface Facts {
  instance: string
  count: number
}

const AGAIN_SECONDS = 15

export const instance: Kind<Options, Facts> = {
  async look(tools, { target, options, approved }) {
    const name = target.autoScaling!.group
    const seen = await seenOf(tools, name)
    const { group } = seen
    const ids = inService(group).map(({ InstanceId }) => InstanceId)
    const source = { ...options.perMachine, dimension: 'InstanceId', within: {} }
    const known = await percents(tools, source, ids)
    const wanted = approved?.on['instance']
    const worst = largest(
      ids.filter((id) => wanted === undefined || id === wanted).map((id) => ({ id, percent: known.get(id) })),
    )
    const stop = whyNot(PRECONDITIONS, { ...seen, worst, wanted, options })
    return {
      found: worst
        ? `${worst.id} uses ${figure(worst.percent!)} % of its memory, most of ${known.size < ids.length ? `the ${known.size} that are measured, of ` : ''}${plural(ids.length, 'instance')}`
        : `nothing measures memory of the ${plural(ids.length, 'instance')}`,
      facts: { instance: worst?.id ?? '', count: group.DesiredCapacity },
      scope: {
        words: `the instance ${worst?.id ?? ''} of ${name}; the new one launches from ${templateOf(group)}`,
        on: { group: name, instance: worst?.id ?? '', 'launch template': templateOf(group) },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, { target }) => [replaceStep(target.autoScaling!.group, facts)],

  permissions: ({ autoScaling }, _, place) => [
    ...groupPermissions(
      autoScaling!.group,
      place,
      ['DescribeInstanceRefreshes'],
      ['TerminateInstanceInAutoScalingGroup'],
    ),
    ...largestPermissions(),
    ...metricPermissions(),
  ],
}

interface Seen extends SeenGroup {
  worst: User | undefined
  /** What was approved. */
  wanted: string | undefined
  options: Options
}

export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  ...REPLACED,
  {
    field: 'Instances[].InstanceId',
    must: 'has the instance that was approved, `InService` and `Healthy`',
    stops: ({ group, wanted }) =>
      wanted === undefined || inService(group).some(({ InstanceId }) => InstanceId === wanted)
        ? undefined
        : `the instance ${wanted} is not in service any more`,
  },
  {
    field: 'the metric perMachine, of GetMetricData',
    must: 'is measured, and at least `abovePercent`',
    stops({ worst, options: { abovePercent } }) {
      if (worst?.percent === undefined)
        return 'install the CloudWatch agent with mem_used_percent by InstanceId, or set perMachine'
      return worst.percent < abovePercent ? `no instance uses more than ${abovePercent} %` : undefined
    },
  },
  {
    field: 'Instances[].ProtectedFromScaleIn',
    must: '`false` for the one that is replaced',
    stops: ({ group, worst }) =>
      group.Instances.some((one) => one.InstanceId === worst?.id && one.ProtectedFromScaleIn)
        ? `${worst!.id} is protected from scale-in: take that off, or replace it by hand`
        : undefined,
  },
]

const staysIn = ({ Instances }: Group, instance: string): boolean =>
  Instances.some(({ InstanceId, LifecycleState }) => InstanceId === instance && !LifecycleState.startsWith('Terminat'))

const replaceStep = (name: string, { instance, count }: Facts): Step => ({
  name: `Replace ${instance}`,
  calls: [`autoscaling TerminateInstanceInAutoScalingGroup ${instance} ShouldDecrementDesiredCapacity=false`],
  touches: `1 of ${plural(count, 'instance')}: ${count - 1} serve until the new one is in service`,
  async ready(tools) {
    const group = await groupOf(tools, name)
    return staysIn(group, instance) ? whyNot(REPLACED, await seenOf(tools, name)) : undefined
  },
  async turn(tools) {
    const group = await groupOf(tools, name)
    if (staysIn(group, instance)) {
      await tools.cloud.call('autoscaling', 'TerminateInstanceInAutoScalingGroup', {
        InstanceId: instance,
        ShouldDecrementDesiredCapacity: false,
      })
      return { going: `${instance} terminates`, againInSeconds: AGAIN_SECONDS }
    }
    const up = capacityOf(inService(group))
    const isGone = group.Instances.every(({ InstanceId }) => InstanceId !== instance)
    return isGone && up >= group.DesiredCapacity
      ? { done: `${plural(up, 'instance')} in service` }
      : { going: `${up} of ${group.DesiredCapacity} in service`, againInSeconds: AGAIN_SECONDS }
  },
})
