// What Slack was shown of an incident.
import type { Status } from '../incident/status.ts'

export interface SlackState {
  ts?: string
  /** `change` that the message shows, and the status it shows it in. */
  shown: number
  as?: Status
  /** Entries of the timeline up to this one (counted from the first) are in the thread. */
  threaded: number
  /** A message is on its way and its answer not saved: look for it before sending it again. */
  sending?: { what: 'post' | 'reply'; at: number; upTo: number }
}
