// One kind of resource that a runbook can act on: how it looks at it, what it does to it, and which permissions that takes.
import type { Target } from '../../core/services/config.ts'
import type { Case, Look, Place, Runbook, Statement, Step, Tools } from '../runbook.ts'
import { merged } from './metric.ts'
import { verdict, verdictPermissions, type Health } from './verdict.ts'

export interface Kind<Options, Facts = unknown> {
  look(tools: Tools, about: Case<Options>): Promise<Look<Facts>>
  steps(facts: Facts, about: Case<Options>): Step[]
  permissions(target: Target, options: Options, place: Place): Statement[]
}

/** Hides a kind's own types, so that a runbook can choose among several; the facts stay those of the chosen kind. */
export const kindOf = <Options, Facts>(kind: Kind<Options, Facts>): Kind<Options> => kind

/** Runbooks that act on the same thing wait for each other. */
export function lockOf({ ecs, autoScaling, ec2, rds, rabbitmq, sqs, lambda }: Target): string {
  if (ecs) return `ecs ${ecs.cluster}/${ecs.service}`
  if (autoScaling) return `auto scaling group ${autoScaling.group}`
  if (ec2) return `machines ${[...ec2.instances].sort().join(' ')}`
  if (rds) return `rds ${rds.instance ?? rds.cluster ?? ''}`
  if (rabbitmq) return `rabbitmq ${rabbitmq.broker ?? rabbitmq.api ?? ''}`
  if (sqs) return `sqs ${sqs.queue}`
  return lambda ? `function ${lambda.function}` : 'no target'
}

/** The half of a runbook that follows from the kind that `choose` picks for its target; the metric shows whether it helped. */
export const byKind = <Options extends Health>(
  choose: (target: Target) => Kind<Options>,
): Pick<Runbook<Options, unknown>, 'lock' | 'permissions' | 'look' | 'steps' | 'healthy'> => ({
  lock: lockOf,
  permissions: (target, options, place) =>
    merged([...choose(target).permissions(target, options, place), ...verdictPermissions(options, place)]),
  look: (tools, about) => choose(about.target).look(tools, about),
  steps: (facts, about) => choose(about.target).steps(facts, about),
  healthy: verdict,
})
