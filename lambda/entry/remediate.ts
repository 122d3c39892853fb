// What Lambda runs for a look or a run of a runbook: a durable execution. A crash anywhere goes on where it was.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'
import type { Journal, RunOrder } from '../ports/runs.ts'
import { remediate } from '../stages/remediate.ts'
import { RUNBOOKS } from '../runbooks/index.ts'
import { clock, log, notices, rules, runs, table, timers, tools } from '../runtime.ts'

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

/** What throws may pass: a throttle, a broken connection. Six tries within a minute, then a person takes over. */
const MOST_TRIES = 6
const retryStrategy = (_error: Error, tries: number) => ({
  shouldRetry: tries < MOST_TRIES,
  delay: { seconds: 2 ** Math.min(tries - 1, 4) },
})

export const handler = withDurableExecution(async (order: RunOrder, context: DurableContext) => {
  const journal: Journal = {
    step: (name, run) => context.step(name, run, { retryStrategy }),
    wait: (name, seconds) => context.wait(name, { seconds }),
  }
  await remediate(runtime, journal, RUNBOOKS, order)
})
