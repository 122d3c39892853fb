// Timers: one durable execution of the escalate function for each incident and moment. Its name makes the second start of the same one nothing.
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { Timers } from '../ports.ts'

/** How many started names a process remembers, to save calls; Lambda would refuse them all the same. */
const REMEMBERED = 1000

/** `functionArn`: with the alias, as durable functions ask for. The client is loaded when the first timer is set: most runs set none. */
export function durableTimers(functionArn: string): Timers {
  const started = new Set<string>()
  let client: LambdaClient | undefined
  return {
    async wake(incident, at) {
      const name = `${incident}-${at}`
      if (started.has(name)) return
      const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
      client ??= new LambdaClient({})
      try {
        await client.send(
          new InvokeCommand({
            FunctionName: functionArn,
            InvocationType: 'Event',
            DurableExecutionName: name,
            Payload: JSON.stringify({ incident, at }),
          }),
        )
      } catch (error) {
        if (!(error instanceof Error && error.name === 'DurableExecutionAlreadyStartedException')) throw error
      }
      if (started.size >= REMEMBERED) started.clear()
      started.add(name)
    },
  }
}
