// What Slack has been shown of an incident.
import type { Status } from '../incident/status.ts'

export interface SlackState {
  ts?: string
  /** The `change` that the message shows, and `as`, the status it shows. */
  shown: number
  as?: Status
  /** How many entries of the timeline, counted from its very first, are in the thread. */
  threaded: number
  /** A message is on its way and the response is not saved yet: look for it before sending it again. */
  sending?: { what: 'post' | 'reply'; at: number; upTo: number }
}
