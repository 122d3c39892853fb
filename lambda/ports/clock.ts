// Time: what time it is, and how to wait.

export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
  /** Sleeps a random part of `ms`, so that two that collided come back at different times. */
  sleepUpTo(ms: number): Promise<void>
}
