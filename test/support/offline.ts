// Runs a runbook in a durable execution on this machine: each turn is a step of it, each wait is skipped, and a turn may die right after its act.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing'
import type { Tools } from '../../lambda/ports/tools.ts'
import type { Case, Runbook, Step } from '../../lambda/runbooks/runbook.ts'

export interface Offline {
  stop?: string
  done: string[]
  health?: { ok: boolean; text: string }
}

/** `dies`: every turn runs twice, as after a crash between its act and its record. Call it between `setup` and `teardown`. */
export async function offline(
  runbook: Runbook,
  about: Case<Record<string, unknown>>,
  tools: Tools,
  { dies = false } = {},
): Promise<Offline> {
  const died = new Set<string>()
  const handler = withDurableExecution(async (_: object, context: DurableContext): Promise<Offline> => {
    const step = <T>(name: string, run: () => Promise<T>): Promise<T> =>
      context.step(name, async () => {
        const result = await run()
        if (!dies || died.has(name)) return result
        died.add(name)
        throw new Error('the process died')
      })
    const perform = async (act: Omit<Step, 'undo'>): Promise<string> => {
      let state: unknown
      for (let count = 1; ; count++) {
        const known = state
        const turn = await step(`${act.name} ${count}`, () => act.turn(tools, known))
        if ('done' in turn) return turn.done
        state = turn.state
        await context.wait(`${act.name} ${count} wait`, { seconds: turn.againInSeconds })
      }
    }
    const { stop, facts } = await step('look', () => runbook.look(tools, about))
    if (stop !== undefined) return { stop, done: [] }
    const steps = runbook.steps(facts, about)
    const done: string[] = []
    for (const act of steps) done.push(await perform(act))
    const health = await step('healthy', () => runbook.healthy(tools, about, facts))
    if (!health.ok) for (const { undo } of steps.reverse()) if (undo) done.push(await perform(undo))
    return { done, health }
  })
  const execution = await new LocalDurableTestRunner<Offline>({ handlerFunction: handler }).run({ payload: {} })
  const result = execution.getResult()
  if (!result) throw new Error(`the execution ended as ${execution.getStatus()}: ${execution.getError()?.errorMessage}`)
  return result
}

export const setup = (): Promise<void> => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true })
export const teardown = (): Promise<void> => LocalDurableTestRunner.teardownTestEnvironment()
