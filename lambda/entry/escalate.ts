// A durable execution for one incident and one moment: waits at no cost, then looks again.
import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js'

export interface Timer {
  incident: string
  /** Ms. */
  at: number
}

export const handler = withDurableExecution(async ({ incident, at }: Timer, context: DurableContext) => {
  const seconds = await context.step('how long', async () => Math.ceil((at - Date.now()) / 1000))
  if (seconds > 0) await context.wait('until it is due', { seconds })
  await context.step('look again', async () => (await import('./when-due.ts')).whenDue(incident))
})
