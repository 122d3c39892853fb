// Timers: one durable execution of the escalate function for each incident and moment. Its name makes the second start of the same one nothing.
import type { Timers } from '../ports.ts'
import { AwsError, type AwsCall } from './aws.ts'

/** How many started names a process remembers, to save calls; Lambda would refuse them all the same. */
const REMEMBERED = 1000

/** `functionArn`: with the alias, as durable functions ask for. */
export function durableTimers(functionArn: string, call: AwsCall): Timers {
  const started = new Set<string>()
  return {
    async wake(incident, at) {
      const name = `${incident}-${at}`
      if (started.has(name)) return
      const headers = { 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': name }
      try {
        await call('lambda', `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`, headers, {
          incident,
          at,
        })
      } catch (error) {
        if (!(error instanceof AwsError && error.name === 'DurableExecutionAlreadyStartedException')) throw error
      }
      if (started.size >= REMEMBERED) started.clear()
      started.add(name)
    },
  }
}
