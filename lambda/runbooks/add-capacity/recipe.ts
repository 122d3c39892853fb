// Adds tasks or instances, within a cap; taken back when it did not help.
import type { Target } from '../../core/services/config.ts'
import { ecs } from './ecs.ts'
import { group } from './group.ts'
import { options, type Options } from './options.ts'
import { kindOf, lockOf, type Kind } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { verdict, verdictPermissions } from '../parts/verdict.ts'
import { defineRunbook } from '../runbook.ts'

const where = ({ ecs: service }: Target): Kind<Options> => (service ? kindOf(ecs) : kindOf(group))

export const addCapacity = defineRunbook<Options, unknown>({
  name: 'add-capacity',
  title: 'Add capacity',
  needs: ['ecs', 'autoScaling'],
  destructive: false,
  options,
  lock: lockOf,
  permissions: (target, options, place) =>
    merged([...where(target).permissions(target, options, place), ...verdictPermissions(options, place)]),
  look: (tools, about) => where(about.target).look(tools, about),
  steps: (facts, about) => where(about.target).steps(facts, about),
  healthy: (tools, about) => verdict(tools, about),
})
