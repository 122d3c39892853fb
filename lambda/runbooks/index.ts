// Every runbook there is: one line each.
import type { Runbook } from './runbook.ts'

const ALL: Runbook[] = []

export const RUNBOOKS: ReadonlyMap<string, Runbook> = new Map(ALL.map((runbook) => [runbook.name, runbook]))
