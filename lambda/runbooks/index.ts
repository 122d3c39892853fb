// Every runbook there is: one line each.
import { addCapacity } from './add-capacity.ts'
import { cutConnectionTimeout } from './cut-connection-timeout.ts'
import { freeDisk } from './free-disk.ts'
import { invokeFunction } from './invoke-function.ts'
import { relieveMemory } from './relieve-memory.ts'
import { relieveQueueBacklog } from './relieve-queue-backlog.ts'
import { rollingRestart } from './rolling-restart.ts'
import type { Runbook } from './runbook.ts'
import { ssmAutomation } from './ssm-automation.ts'

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

export const RUNBOOKS: ReadonlyMap<string, Runbook> = new Map(ALL.map((runbook) => [runbook.name, runbook]))
