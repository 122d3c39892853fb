// Restarts a service batch by batch: each batch only once the one before is healthy, and nothing more after the first failure.
import * as z from 'zod'
import { byKind } from '../parts/kind.ts'
import { health, type Health } from '../parts/verdict.ts'
import { restarting, type RestartOptions } from './options.ts'
import { defineRunbook } from '../runbook.ts'
import { nothingToRestart, restartOf } from './kinds.ts'

type Options = RestartOptions & Health

export const rollingRestart = defineRunbook<Options, unknown>({
  name: 'rolling-restart',
  title: 'Restart one batch after the other',
  needs: ['ecs', 'autoScaling', 'ec2'],
  signals: ['availability', 'cpu', 'errors', 'latency', 'memory', 'saturation'],
  lacks: nothingToRestart,
  destructive: false,
  options: z.strictObject({ ...restarting, ...health }),
  ...byKind<Options>((target) => restartOf(target)!),
})
