// What runs alongside the steps, again and again.
import { setTimeout as sleep } from 'node:timers/promises'

/** A failure may go away the next time; if it never does, a step waits in vain and says so. Returns a function that ends it. */
export function every(ms: number, act: () => Promise<void>): () => Promise<void> {
  const ended = new AbortController()
  const working = (async () => {
    while (!ended.signal.aborted) {
      await act().catch(() => undefined)
      await sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  })()
  return async () => {
    ended.abort()
    await working
  }
}
