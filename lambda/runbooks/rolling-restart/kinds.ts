// Which part of a target can be restarted.
import type { Target } from '../../core/services/config.ts'
import { kindOf, type Kind } from '../parts/kind.ts'
import { ecs } from './ecs.ts'
import { group } from './group.ts'
import type { RestartOptions } from './options.ts'
import { unit } from './unit.ts'

export function restartOf(target: Target): Kind<RestartOptions> | undefined {
  if (target.ecs) return kindOf(ecs)
  if (target.autoScaling) return kindOf(group)
  return target.ec2?.unit !== undefined && target.ec2.instances.length > 0 ? kindOf(unit) : undefined
}

export const nothingToRestart = (target: Target): string | undefined =>
  restartOf(target)
    ? undefined
    : 'to be restarted it needs target.ecs, target.autoScaling, or target.ec2 with instances and unit'
