// What an account holds, told as services that could stand in the config.
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
  /** By which others may call it: ARNs, host names, names of X-Ray nodes. */
  aliases: string[]
  /** Aliases of what it is known to use. */
  uses: string[]
}

/** An alarm that exists, as far as its service is concerned. */
export interface FoundAlarm {
  name: string
  namespace?: string
  metric?: string
  dimensions?: Record<string, string>
}

/** An arrow of X-Ray's service graph, by the names that its two ends go by. */
export interface Call {
  from: string[]
  to: string[]
}
