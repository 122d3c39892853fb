// Every runbook that comes with Tocsin, one line each.
import { addCapacity } from './add-capacity/recipe.ts'
import { cutConnectionTimeout } from './cut-connection-timeout/recipe.ts'
import { freeDisk } from './free-disk/recipe.ts'
import { invokeFunction } from './invoke-function/recipe.ts'
import { relieveMemory } from './relieve-memory/recipe.ts'
import { relieveQueueBacklog } from './relieve-queue-backlog/recipe.ts'
import { rollingRestart } from './rolling-restart/recipe.ts'
import type { Runbook } from './runbook.ts'
import { ssmAutomation } from './ssm-automation/recipe.ts'

const ALL: Runbook[] = [
  addCapacity,
  cutConnectionTimeout,
  freeDisk,
  invokeFunction,
  relieveMemory,
  relieveQueueBacklog,
  rollingRestart,
  ssmAutomation,
]

export const BUILT_IN: ReadonlyMap<string, Runbook> = new Map(ALL.map((runbook) => [runbook.name, runbook]))
