// Relieves memory: a fresh start for the one that holds most of it, or a higher limit where all need more.
import type { Target } from '../../core/services/config.ts'
import { kindOf, lockOf, type Kind } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { verdict, verdictPermissions } from '../parts/verdict.ts'
import { ecs } from './ecs.ts'
import { instance } from './instance.ts'
import { options, type Options } from './options.ts'
import { unit } from './unit.ts'
import { nothingToRestart } from '../rolling-restart/kinds.ts'
import { defineRunbook } from '../runbook.ts'

function where(target: Target): Kind<Options> {
  if (target.ecs) return kindOf(ecs)
  return target.autoScaling ? kindOf(instance) : kindOf(unit)
}

export const relieveMemory = defineRunbook<Options, unknown>({
  name: 'relieve-memory',
  title: 'Recycle what holds most memory',
  needs: ['ecs', 'autoScaling', 'ec2'],
  lacks: (target, { maxMiB }) =>
    nothingToRestart(target) ?? (maxMiB !== undefined && !target.ecs ? 'maxMiB is for target.ecs only' : undefined),
  destructive: false,
  options,
  lock: lockOf,
  permissions: (target, options, place) =>
    merged([...where(target).permissions(target, options, place), ...verdictPermissions(options, place)]),
  look: (tools, about) => where(about.target).look(tools, about),
  steps: (facts, about) => where(about.target).steps(facts, about),
  healthy: (tools, about) => verdict(tools, about),
})
