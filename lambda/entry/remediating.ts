// A look or a run of a runbook, as a durable execution. After a crash it goes on where it was.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'
import type { RunOrder } from '../ports/runs.ts'
import type { Runbook } from '../runbooks/runbook.ts'
import { remediate } from '../stages/remediate.ts'
import { clock, log, notices, rules, runs, table, timers, tools } from '../runtime.ts'
import { journalOf } from './journal.ts'

export function remediating(runbooks: ReadonlyMap<string, Runbook>) {
  const runtime = {
    table: table(),
    notices: notices(),
    timers: timers(),
    runs: runs(),
    tools: tools(),
    clock,
    log,
    rules: rules(),
  }
  return withDurableExecution(async (order: RunOrder, context: DurableContext) => {
    await remediate(runtime, journalOf(context), runbooks, order)
  })
}
