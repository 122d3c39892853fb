/** When the fake Slack says no: its rate limit, refusals asked for by a person or a test, and outages. */
import type { Reply } from './types.ts'

/**
 * Slack: about one message a second per channel, at least fifty edits a minute for the whole app, and `Retry-After` in whole seconds.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export const MESSAGES_PER_SECOND = 1
export const EDITS_PER_MINUTE = 50
const MINUTE_MS = 60_000

export type Refusal = { status: 429; retryAfterSeconds: number } | { status: 503 }

export interface Limits {
  /** Says why a call may not pass; a call that passes is counted. */
  check: (method: string, channel: string | undefined) => Refusal | undefined
  /** The next `count` chat calls are answered 429. */
  refuse: (order: { count: number; retryAfterSeconds: number }) => void
  /** The next calls of this method are answered so, one after the other; then Slack answers again. */
  answer: (method: string, ...replies: Reply[]) => void
  /** Takes the next answer that was asked for. */
  told: (method: string) => Reply | undefined
  /** The next `count` calls of this method take effect, and their connections are dropped before they are answered. */
  drop: (method: string, count?: number) => void
  /** Whether this call is one of those. */
  dropped: (method: string) => boolean
  /** Every call is answered 503 for this long. */
  outage: (seconds: number) => void
  clear: () => void
}

export function createLimits(now: () => number, messagesPerSecond = MESSAGES_PER_SECOND): Limits {
  const gapMs = 1000 / messagesPerSecond
  const freeAt = new Map<string, number>()
  let edits: number[] = []
  const drops = new Map<string, number>()
  const replies = new Map<string, Reply[]>()
  let refusals = { count: 0, retryAfterSeconds: 1 }
  let outageEndsAt = 0

  return {
    check(method, channel) {
      if (now() < outageEndsAt) return { status: 503 }
      if (refusals.count > 0 && method.startsWith('chat.')) {
        refusals.count--
        return { status: 429, retryAfterSeconds: refusals.retryAfterSeconds }
      }
      if (method === 'chat.update') {
        edits = edits.filter((at) => at > now() - MINUTE_MS)
        const first = edits.at(-EDITS_PER_MINUTE * messagesPerSecond)
        if (first !== undefined)
          return { status: 429, retryAfterSeconds: Math.ceil((first + MINUTE_MS - now()) / 1000) }
        edits.push(now())
      }
      if (method !== 'chat.postMessage' || !channel) return undefined
      const waitMs = (freeAt.get(channel) ?? 0) - now()
      if (waitMs > 0) return { status: 429, retryAfterSeconds: Math.ceil(waitMs / 1000) }
      freeAt.set(channel, now() + gapMs)
      return undefined
    },
    refuse(order) {
      refusals = { ...order }
    },
    answer(method, ...more) {
      replies.set(method, [...(replies.get(method) ?? []), ...more])
    },
    told: (method) => replies.get(method)?.shift(),
    drop: (method, count = 1) => void drops.set(method, count),
    dropped(method) {
      const left = drops.get(method) ?? 0
      drops.set(method, left - 1)
      return left > 0
    },
    outage(seconds) {
      outageEndsAt = now() + seconds * 1000
    },
    clear() {
      freeAt.clear()
      edits = []
      drops.clear()
      replies.clear()
      refusals = { count: 0, retryAfterSeconds: 1 }
      outageEndsAt = 0
    },
  }
}
