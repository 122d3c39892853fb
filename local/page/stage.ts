/** What the page shows beside Slack: the scenarios that can be played, what is playing, and the incidents so far. */
import type { Snapshot } from '../slack/types.ts'

export type Speed = 'real' | 'fast'

export interface Playing {
  id: string
  speed: string
  /** The simulated time, ready to show. */
  clock: string
  /** Alarms sent so far, of how many. */
  sent: number
  total: number
}

export interface Incident {
  id: string
  title: string
  status: string
  severity: string
  openedAt: string
  timeline: { at: string; kind: string; text: string }[]
}

export interface Scenario {
  id: string
  title: string
  description: string
}

export interface Stage {
  scenarios: Scenario[]
  play(id: string, speed: Speed): Promise<void>
  stop(): Promise<void>
  reset(): Promise<void>
  status(): { playing?: Playing }
  incidents(): Promise<Incident[]>
  subscribe(listener: () => void): () => void
}

/** All that one person's page needs, sent whole on every change. */
export interface PageState {
  slack: Snapshot
  scenarios: Scenario[]
  playing?: Playing
  incidents: Incident[]
}
