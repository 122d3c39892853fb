// Time: what the hour is, and how to wait.

export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}
