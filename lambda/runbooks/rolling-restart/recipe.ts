// Restarts a service one batch after the other: the next one only when the one before is healthy, and nothing more after the first failure.
import * as z from 'zod'
import type { Target } from '../../core/services/config.ts'
import { lockOf, kindOf, type Kind } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { health, verdict, verdictPermissions, type Health } from '../parts/verdict.ts'
import { ecs } from './ecs.ts'
import { group } from './group.ts'
import { restarting, type RestartOptions } from './options.ts'
import { unit } from './unit.ts'
import { defineRunbook } from '../runbook.ts'

type Options = RestartOptions & Health

/** What of a target is restarted. */
export function restartOf(target: Target): Kind<RestartOptions> | undefined {
  if (target.ecs) return kindOf(ecs)
  if (target.autoScaling) return kindOf(group)
  return target.ec2?.unit !== undefined && target.ec2.instances.length > 0 ? kindOf(unit) : undefined
}

export const nothingToRestart = (target: Target): string | undefined =>
  restartOf(target)
    ? undefined
    : 'to be restarted it needs target.ecs, target.autoScaling, or target.ec2 with instances and unit'

export const rollingRestart = defineRunbook<Options, unknown>({
  name: 'rolling-restart',
  title: 'Restart one batch after the other',
  needs: ['ecs', 'autoScaling', 'ec2'],
  lacks: nothingToRestart,
  destructive: false,
  options: z.strictObject({ ...restarting, ...health }),
  lock: lockOf,
  permissions: (target, options, place) =>
    merged([...restartOf(target)!.permissions(target, options, place), ...verdictPermissions(options, place)]),
  look: (tools, about) => restartOf(about.target)!.look(tools, about),
  steps: (facts, about) => restartOf(about.target)!.steps(facts, about),
  healthy: (tools, about) => verdict(tools, about),
})
