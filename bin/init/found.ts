// What an account holds, as services that could go into the config.
import type { Kind } from '../../lambda/core/facts/signals.ts'
import type { ConfigInput } from '../../lambda/config.ts'

export type ServiceInput = NonNullable<ConfigInput['services'][string]>
export type MatcherInput = NonNullable<ServiceInput['alarms']>[number]

export interface Found {
  /** The resource's own name; made unique later. */
  id: string
  kind: Kind
  /** `ECS service in prod` */
  what: string
  /** Added to the id where two resources have the same name. */
  suffix: string
  alarms: MatcherInput[]
  target?: NonNullable<ServiceInput['target']>
  /** Names by which others may call it: ARNs, host names, names of X-Ray nodes. */
  aliases: string[]
  /** Aliases of the things it is known to use. */
  uses: string[]
}

/** An existing alarm: what matters for finding its service. */
export interface FoundAlarm {
  name: string
  namespace?: string
  metric?: string
  dimensions?: Record<string, string>
}

/** An arrow in X-Ray's service graph, by the names of its two ends. */
export interface Call {
  from: string[]
  to: string[]
}
