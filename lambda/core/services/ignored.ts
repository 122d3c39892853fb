// Which alarms are no news: what the config says, and what only scales.
import type { Change } from '../incident/alarm.ts'
import type { Draft } from '../incident/draft.ts'
import type { Config } from './config.ts'
import { enumerate, plural } from '../words/words.ts'
import { testFor } from './matching.ts'

/**
 * Application Auto Scaling and EC2 Auto Scaling name the alarms so that they make for target tracking. Half of them fire whenever there is less to do
 * than there could be. https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
 */
const TARGET_TRACKING = 'TargetTracking-'

export const BY_DEFAULT = 'it only scales (target tracking), and fires whenever all is well: ignored by default'

/** The reason, with the rule. */
export function ignoredBy({
  ignore,
  ignoreTargetTracking,
}: Pick<Config, 'ignore' | 'ignoreTargetTracking'>): (change: Change) => string | undefined {
  const rules = ignore.map((matcher, place) => ({
    fits: testFor(matcher),
    why: `ignored by ignore[${place}]: ${JSON.stringify(matcher)}`,
  }))
  return (change) => {
    if (ignoreTargetTracking && (change.name.startsWith(TARGET_TRACKING) || change.scales))
      return `${BY_DEFAULT} (ignoreTargetTracking)`
    return rules.find(({ fits }) => fits(change))?.why
  }
}

/** Said wherever people look whether all is well: nobody should wonder where an alarm went. */
export function ignoringWords({
  ignore,
  ignoreTargetTracking,
}: Pick<Config, 'ignore' | 'ignoreTargetTracking'>): string {
  const parts = [
    ...(ignoreTargetTracking
      ? ['alarms that Auto Scaling makes to scale by (ignoreTargetTracking: false in the config takes them in)']
      : []),
    ...(ignore.length > 0 ? [`what ${plural(ignore.length, 'rule')} of ignore in the config fit`] : []),
  ]
  return parts.length === 0 ? 'No alarm is ignored.' : `Ignored: ${enumerate(parts)}.`
}

/** Nobody has asked for it: people are told of the first one. */
export function markIgnored({ board, now, rules }: Draft, changes: readonly Change[]): void {
  if (board.ignored) return
  const first = changes.find((change) => rules.whyIgnored(change)?.startsWith(BY_DEFAULT))
  if (first) board.ignored = { since: now, alarm: first.name }
}
