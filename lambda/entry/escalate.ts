// A durable execution for one incident, or one place, and one moment: waits at no cost, then looks again.
import type { Due } from '../stages/escalate.ts'
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'

/** `at`: in ms. */
export type Timer = Due & { at: number }

export const handler = withDurableExecution(async ({ at, ...due }: Timer, context: DurableContext) => {
  const seconds = await context.step('how long', async () => Math.ceil((at - Date.now()) / 1000))
  if (seconds > 0) await context.wait('until it is due', { seconds })
  await context.step('look again', async () => (await import('./when-due.ts')).whenDue(due))
})
