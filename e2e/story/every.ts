// What goes on beside the steps, again and again.
import { setTimeout as sleep } from 'node:timers/promises'

/** What fails once may go well the next time: where it never does, a step waits in vain and says so. Returns what ends it. */
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
