// Runs a runbook through the real stage, in AWS's own durable execution on this machine: each turn is one of its steps, each wait is skipped.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing'
import { journalOf } from '../../lambda/entry/journal.ts'
import type { Journal } from '../../lambda/ports/runs.ts'
import type { Tools } from '../../lambda/ports/tools.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { runOf, type How, type Ran } from './run.ts'

/** Call it between `setup` and `teardown`. */
export function offline(
  runbook: Runbook,
  about: Case<Record<string, unknown>>,
  tools: Tools,
  clock: { now: number },
  how: How = {},
): Promise<Ran> {
  return runOf({ runbook, about, tools, clock }, how, async (run) => {
    const waited = new Set<string>()
    const handler = withDurableExecution((_: object, context: DurableContext) =>
      run(passing(journalOf(context), clock, waited)),
    )
    const execution = await new LocalDurableTestRunner({ handlerFunction: handler }).run({ payload: {} })
    const status = execution.getStatus()
    if (status !== 'SUCCEEDED')
      throw new Error(`the execution ended as ${status}: ${execution.getError().errorMessage}`)
  })
}

/** A skipped wait has still passed, once, however often the execution is replayed. */
const passing = (journal: Journal, clock: { now: number }, waited: Set<string>): Journal => ({
  ...journal,
  async wait(name, seconds) {
    await journal.wait(name, seconds)
    if (waited.has(name)) return
    waited.add(name)
    clock.now += seconds * 1000
  },
})

export const setup = (): Promise<void> => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true })
export const teardown = (): Promise<void> => LocalDurableTestRunner.teardownTestEnvironment()
