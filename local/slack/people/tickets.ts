/** What every interaction gives the app for a short while: a trigger id (to open a modal) and a response_url. */
import { randomBytes } from 'node:crypto'

/** Slack: a trigger id is good for 3 seconds, once. */
export const TRIGGER_MS = 3000
/** Slack: a response_url is good for 5 uses within 30 minutes. */
export const RESPONSE_USES = 5
export const RESPONSE_MS = 30 * 60 * 1000

export interface ResponseTarget {
  userId: string
  channel: string
  /** The message that was clicked. */
  ts: string
}

export interface Tickets {
  trigger: (userId: string) => string
  /** Whose trigger it is, or Slack's error. */
  useTrigger: (id: string) => { userId: string } | { error: string }
  responsePath: (target: ResponseTarget) => string
  useResponse: (id: string) => ResponseTarget | { error: string }
  clear: () => void
}

export function createTickets(now: () => number): Tickets {
  const triggers = new Map<string, { userId: string; endsAt: number; used: boolean }>()
  const responses = new Map<string, { target: ResponseTarget; endsAt: number; usesLeft: number }>()

  return {
    trigger(userId) {
      const id = `${now()}.${triggers.size + 1}.${randomBytes(8).toString('hex')}`
      triggers.set(id, { userId, endsAt: now() + TRIGGER_MS, used: false })
      return id
    },
    useTrigger(id) {
      const trigger = triggers.get(id)
      if (!trigger) return { error: 'invalid_trigger_id' }
      if (trigger.used) return { error: 'exchanged_trigger_id' }
      if (now() > trigger.endsAt) return { error: 'expired_trigger_id' }
      trigger.used = true
      return { userId: trigger.userId }
    },
    responsePath(target) {
      const id = randomBytes(12).toString('hex')
      responses.set(id, { target, endsAt: now() + RESPONSE_MS, usesLeft: RESPONSE_USES })
      return `/respond/${id}`
    },
    useResponse(id) {
      const response = responses.get(id)
      if (!response || now() > response.endsAt) return { error: 'expired_url' }
      if (response.usesLeft < 1) return { error: 'used_url' }
      response.usesLeft--
      return response.target
    },
    clear() {
      triggers.clear()
      responses.clear()
    },
  }
}
