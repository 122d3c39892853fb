// Adds instances to an Auto Scaling group.
import { more } from './more.ts'
import { plural } from '../../core/words/words.ts'
import type { Tools } from '../../ports/tools.ts'
import { capacityOf, GROWING, groupOf, groupPermissions, inService, seenOf, type Seen } from '../parts/group.ts'
import type { Kind } from '../parts/kind.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import type { Step } from '../runbook.ts'
import type { Options } from './options.ts'

interface Facts {
  before: number
  next: number
}

const AGAIN_SECONDS = 15

export const group: Kind<Options, Facts> = {
  async look(tools, { target, options }) {
    const seen = await seenOf(tools, target.autoScaling!.group)
    const { DesiredCapacity: before, MaxSize } = seen.group
    const stop = whyNot(PRECONDITIONS, seen, options)
    const most = Math.min(options.max, MaxSize)
    const next = more(before, options.byPercent, most)
    return {
      found: `${plural(before, 'instance')}, at most ${most}`,
      facts: { before, next },
      scope: {
        words: `${before} → ${plural(next, 'instance')} of ${target.autoScaling!.group}`,
        on: { group: target.autoScaling!.group, instances: String(before), 'more instances': String(next - before) },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, { target }) => [addStep(target.autoScaling!.group, facts)],

  permissions: ({ autoScaling }, _, place) =>
    groupPermissions(autoScaling!.group, place, ['DescribeInstanceRefreshes'], ['SetDesiredCapacity']),
}

export const PRECONDITIONS: readonly Precondition<[Seen, Options]>[] = [
  ...GROWING,
  {
    field: 'DesiredCapacity, MaxSize',
    must: 'below both `max` and `MaxSize`',
    stops({ group: { DesiredCapacity, MaxSize } }, { max }) {
      const most = Math.min(max, MaxSize)
      return DesiredCapacity >= most ? `it has ${DesiredCapacity} of at most ${plural(most, 'instance')}` : undefined
    },
  },
]

function addStep(name: string, { before, next }: Facts): Step {
  const set = (tools: Tools, DesiredCapacity: number) =>
    tools.cloud.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: name, DesiredCapacity })
  return {
    name: `Run ${plural(next, 'instance')}`,
    calls: [`autoscaling SetDesiredCapacity group=${name} DesiredCapacity=${next}`],
    touches: `${before} → ${plural(next, 'instance')}`,
    async ready(tools) {
      const seen = await seenOf(tools, name)
      const { DesiredCapacity } = seen.group
      if (DesiredCapacity === next) return undefined
      return DesiredCapacity === before
        ? whyNot(GROWING, seen)
        : `somebody has set ${plural(DesiredCapacity, 'instance')} since`
    },
    async turn(tools) {
      const group = await groupOf(tools, name)
      if (group.DesiredCapacity < next) {
        await set(tools, next)
        return { going: `${plural(next, 'instance')} asked for`, againInSeconds: AGAIN_SECONDS }
      }
      const up = capacityOf(inService(group))
      return up >= next
        ? { done: `${plural(up, 'instance')} in service` }
        : { going: `${up} of ${next} in service`, againInSeconds: AGAIN_SECONDS }
    },
    undo: {
      name: `Back to ${plural(before, 'instance')}`,
      calls: [`autoscaling SetDesiredCapacity group=${name} DesiredCapacity=${before}`],
      touches: `${next} → ${plural(before, 'instance')}`,
      async turn(tools) {
        const { DesiredCapacity } = await groupOf(tools, name)
        if (DesiredCapacity === next) await set(tools, before)
        else if (DesiredCapacity !== before)
          return { done: `${plural(DesiredCapacity, 'instance')}: somebody else has set it meanwhile` }
        return { done: `${plural(before, 'instance')}, as before` }
      },
    },
  }
}
