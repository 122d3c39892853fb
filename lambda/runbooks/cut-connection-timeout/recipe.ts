// Cuts a connection timeout that holds everybody up: a service that waits longer than its callers do makes them fail with it.
import type { Target } from '../../core/services/config.ts'
import { environment } from './environment.ts'
import { options, type Options } from './options.ts'
import { parameter } from './parameter.ts'
import { byKind, kindOf, type Kind } from '../parts/kind.ts'
import { nothingToRestart } from '../rolling-restart/kinds.ts'
import { defineRunbook } from '../runbook.ts'

const where = ({ timeout }: Target): Kind<Options> =>
  timeout?.parameter === undefined ? kindOf(environment) : kindOf(parameter)

export const cutConnectionTimeout = defineRunbook<Options, unknown>({
  name: 'cut-connection-timeout',
  title: 'Cut the connection timeout',
  needs: ['timeout'],
  signals: ['availability', 'errors', 'latency', 'saturation'],
  lacks(target) {
    const { parameter, environment } = target.timeout ?? {}
    if (parameter === undefined && environment === undefined) return 'target.timeout needs parameter or environment'
    if (parameter === undefined && !target.ecs) return 'a variable is changed in ECS only: it needs target.ecs'
    return nothingToRestart(target)
  },
  destructive: false,
  options,
  ...byKind(where),
})
