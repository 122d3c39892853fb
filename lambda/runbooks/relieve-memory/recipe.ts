// Relieves memory: a fresh start for the one that uses most of it, or a higher limit if all need more.
import type { Target } from '../../core/services/config.ts'
import { byKind, kindOf, type Kind } from '../parts/kind.ts'
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
  signals: ['memory'],
  lacks: (target, { maxMiB }) =>
    nothingToRestart(target) ?? (maxMiB !== undefined && !target.ecs ? 'maxMiB is for target.ecs only' : undefined),
  destructive: false,
  options,
  ...byKind(where),
})
