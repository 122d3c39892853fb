// What Lambda runs for a look or a run of a runbook: a durable execution. After a crash it goes on where it was.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'
import type { RunOrder } from '../ports/runs.ts'
import { remediate } from '../stages/remediate.ts'
import { RUNBOOKS } from '../runbooks/index.ts'
import { clock, log, notices, rules, runs, table, timers, tools } from '../runtime.ts'
import { journalOf } from './journal.ts'

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

export const handler = withDurableExecution(async (order: RunOrder, context: DurableContext) => {
  await remediate(runtime, journalOf(context), RUNBOOKS, order)
})
