// Time: what the hour is, and how to wait.

export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
  /** A random part of `ms`: two that collided come back at different times. */
  sleepUpTo(ms: number): Promise<void>
}
