// A rolling restart of an Auto Scaling group: an instance refresh that launches before it terminates.
import { batchOf } from '../parts/batches.ts'
import { plural } from '../../core/words/words.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Case, Step, Turn } from '../runbook.ts'
import { groupPermissions, isOver, refreshesOf, REFRESHED, seenOf, type Refresh, templateOf } from '../parts/group.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow, stopIfWorse } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import { whyNot } from '../parts/precondition.ts'
import type { RestartOptions } from './options.ts'

interface Facts {
  instances: number
  batch: number
  latency: number | null
}

/** An instance may take minutes to launch and to warm up. */
const BATCH_SECONDS = 900
const AGAIN_SECONDS = 15

export const group: Kind<RestartOptions, Facts> = {
  async look(tools, { target, options }) {
    const { group: name } = target.autoScaling!
    const seen = await seenOf(tools, name)
    const found = seen.group
    const batch = batchOf(found.DesiredCapacity, options.batchPercent)
    const latency = (await latencyNow(tools, target, options)) ?? null
    const stop = whyNot(REFRESHED, seen)
    return {
      found: `${plural(found.DesiredCapacity, 'instance')}, in batches of ${batch}`,
      facts: { instances: found.DesiredCapacity, batch, latency },
      scope: {
        words: `the instances of ${name} that run now; new ones launch from ${templateOf(found)}`,
        on: { group: name, 'launch template': templateOf(found) },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, about) => [refreshStep(facts, about)],

  permissions: ({ autoScaling }, _, place) => [
    ...groupPermissions(
      autoScaling!.group,
      place,
      ['DescribeInstanceRefreshes', 'DescribeScalingActivities'],
      ['StartInstanceRefresh', 'CancelInstanceRefresh'],
    ),
    ...metricPermissions(),
  ],
}

function refreshStep({ instances, batch, latency }: Facts, { target, options, since }: Case<RestartOptions>): Step {
  const name = target.autoScaling!.group
  return {
    name: `Replace ${plural(instances, 'instance')}, ${batch} at a time`,
    calls: [
      `autoscaling StartInstanceRefresh group=${name} MinHealthyPercentage=${leastOf(options)} MaxHealthyPercentage=${mostOf(options)}`,
    ],
    touches: `${plural(instances, 'instance')} of ${name}`,
    withinSeconds: Math.ceil(instances / batch) * BATCH_SECONDS,
    async ready(tools) {
      const seen = await seenOf(tools, name)
      return seen.refreshes.some((refresh) => isOwn(refresh, options, since)) ? undefined : whyNot(REFRESHED, seen)
    },
    async turn(tools) {
      const own = (await refreshesOf(tools, name)).find((refresh) => isOwn(refresh, options, since))
      if (!own) {
        await tools.cloud.call('autoscaling', 'StartInstanceRefresh', {
          AutoScalingGroupName: name,
          Strategy: 'Rolling',
          Preferences: preferencesOf(options),
        })
        return { going: 'the instance refresh has started', againInSeconds: AGAIN_SECONDS }
      }
      if (isOver(own)) return ended(own, instances)
      const failure = await failedLaunch(tools, name, since)
      if (failure !== undefined) throw new Refused(`${failure}: the instance refresh is cancelled`)
      await stopIfWorse(tools, target, options, latency)
      return { going: `${own.PercentageComplete ?? 0} % of the instance refresh`, againInSeconds: AGAIN_SECONDS }
    },
    undo: {
      name: 'Cancel the instance refresh',
      calls: [`autoscaling CancelInstanceRefresh group=${name}`],
      touches: 'instances that are not replaced yet stay as they are',
      turn: (tools) => cancel(tools, name, (refresh) => isOwn(refresh, options, since)),
    },
  }
}

/** Never fewer than before; without spares, fewer by one batch. */
const leastOf = ({ spare, batchPercent }: RestartOptions): number => (spare ? 100 : 100 - batchPercent)
const mostOf = ({ spare, batchPercent }: RestartOptions): number => (spare ? 100 + batchPercent : 100)

const preferencesOf = (options: RestartOptions) => ({
  MinHealthyPercentage: leastOf(options),
  MaxHealthyPercentage: mostOf(options),
  SkipMatching: false,
})

/** A deployment's refresh brings a configuration, or has preferences of its own. One that has not begun has no start time: the look found none in progress. */
const isOwn = (refresh: Refresh, options: RestartOptions, since: number): boolean => {
  const { Preferences = {}, DesiredConfiguration, StartTime } = refresh
  const isLike = Object.entries(preferencesOf(options)).every(([key, value]) => Preferences[key] === value)
  if (!isLike || DesiredConfiguration !== undefined) return false
  return StartTime === undefined ? !isOver(refresh) : new Date(StartTime).getTime() >= since
}

function ended({ Status, StatusReason }: Refresh, instances: number): Turn {
  if (Status === 'Successful') return { done: `${plural(instances, 'instance')} replaced, all healthy` }
  throw new Refused(`the instance refresh ended as ${Status}${StatusReason === undefined ? '' : `: ${StatusReason}`}`)
}

async function failedLaunch(tools: Tools, name: string, since: number): Promise<string | undefined> {
  const { Activities = [] } = await tools.cloud.call<{
    Activities?: { StatusCode: string; StartTime: Date | string; StatusMessage?: string; Description?: string }[]
  }>('autoscaling', 'DescribeScalingActivities', { AutoScalingGroupName: name, MaxRecords: 20 })
  const failed = Activities.find(
    ({ StatusCode, StartTime }) => StatusCode === 'Failed' && new Date(StartTime).getTime() >= since,
  )
  return failed && (failed.StatusMessage ?? failed.Description ?? 'an instance could not be launched')
}

async function cancel(tools: Tools, name: string, isOurs: (refresh: Refresh) => boolean): Promise<Turn> {
  const own = (await refreshesOf(tools, name)).find(isOurs)
  if (!own || isOver(own)) return { done: 'no instance refresh is in progress' }
  if (own.Status !== 'Cancelling')
    await tools.cloud.call('autoscaling', 'CancelInstanceRefresh', { AutoScalingGroupName: name })
  return { going: 'the instance refresh is being cancelled', againInSeconds: AGAIN_SECONDS }
}
