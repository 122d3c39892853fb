// Adds tasks or instances, up to a cap; rolls back if that did not help.
import type { Target } from '../../core/services/config.ts'
import { ecs } from './ecs.ts'
import { group } from './group.ts'
import { options, type Options } from './options.ts'
import { byKind, kindOf, type Kind } from '../parts/kind.ts'
import { defineRunbook } from '../runbook.ts'

const where = ({ ecs: service }: Target): Kind<Options> => (service ? kindOf(ecs) : kindOf(group))

export const addCapacity = defineRunbook<Options, unknown>({
  name: 'add-capacity',
  title: 'Add capacity',
  needs: ['ecs', 'autoScaling'],
  signals: ['cpu', 'errors', 'latency', 'memory', 'saturation'],
  destructive: false,
  options,
  ...byKind(where),
})
