// A run's journal in a Lambda durable execution: what has ended is not done again, and what throws is retried for a while.
import type { DurableContext } from '@aws/durable-execution-sdk-js'
import type { Journal } from '../ports/runs.ts'

/** An error may pass: a throttle, a broken connection. Six tries within a minute, then a person takes over. */
const MOST_TRIES = 6
const retryStrategy = (_error: Error, tries: number) => ({
  shouldRetry: tries < MOST_TRIES,
  delay: { seconds: 2 ** Math.min(tries - 1, 4) },
})

export const journalOf = (context: DurableContext): Journal => ({
  step: (name, run) => context.step(name, run, { retryStrategy }),
  wait: (name, seconds) => context.wait(name, { seconds }),
})
