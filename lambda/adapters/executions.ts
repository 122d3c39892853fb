// Durable executions, started by name: one for each incident and moment, and one for each look or act of a run. Because of the name, starting
// the same one again does nothing.
import { createHash } from 'node:crypto'
import { nameOf, type Runs, type Timers } from '../ports/runs.ts'
import { AwsError, type AwsCall } from './aws.ts'

/** How many started names a process remembers, to save calls; Lambda would refuse a second start anyway. */
const REMEMBERED = 1000

type Start = (functionArn: string, name: string, payload: object) => Promise<void>

function starter(call: AwsCall): Start {
  const started = new Set<string>()
  return async (functionArn, name, payload) => {
    if (started.has(name)) return
    const headers = { 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': name }
    try {
      await call('lambda', `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`, headers, payload)
    } catch (error) {
      if (!(error instanceof AwsError && error.name === 'DurableExecutionAlreadyStartedException')) throw error
    }
    if (started.size >= REMEMBERED) started.clear()
    started.add(name)
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** `functionArn`: with the alias, as durable functions require. */
export function durableTimers(functionArn: string, call: AwsCall): Timers {
  const start = starter(call)
  return {
    // Without the ending, 0.1.0 may have started it: that one waits until then, does nothing, and would keep this one from being started.
    wake: (incident, at) => start(functionArn, `${incident}-${at}-2`, { incident, at }),
    // The name of an execution takes letters, digits, - and _ only.
    tell: (place, at) => start(functionArn, `place-${hashOf(place)}-${at}`, { place, at }),
  }
}

/** Each runbook is a function of its own, with its own role: `*` in the ARN stands for the runbook's name. */
export function durableRuns(functionArns: string, call: AwsCall): Runs {
  const start = starter(call)
  return { start: (runbook, order) => start(functionArns.replace('*', runbook), nameOf(order), order) }
}
