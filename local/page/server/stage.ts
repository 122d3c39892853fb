/** What the page shows besides Slack: the scenarios that can be played, what is playing, and the incidents so far. */
import type { Snapshot } from '../../slack/types.ts'

export type Speed = 'real' | 'fast'

export interface Playing {
  id: string
  speed: string
  /** The simulated time, ready to display. */
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

/** A simulated world: runbooks can fix what breaks in it. */
export type World = Scenario

/** A person decides; the runbook runs by itself; or the fix does not help. */
export const MANNERS = ['suggest', 'auto', 'no-help'] as const
export type Manner = (typeof MANNERS)[number]

/** Seconds are simulated ones. */
export interface WorldView {
  id: string
  manner: Manner
  second: number
  /** When it ends at the latest. */
  seconds: number
  /** What is not well; empty: it is healthy. */
  complaints: string[]
  /** Values over the time so far, evenly spaced. */
  curves: { title: string; values: number[] }[]
  marks: { second: number; label: string }[]
  story: { second: number; text: string }[]
}

export interface Stage {
  scenarios: Scenario[]
  worlds: World[]
  playWorld(id: string, manner: Manner): Promise<void>
  play(id: string, speed: Speed): Promise<void>
  stop(): Promise<void>
  reset(): Promise<void>
  status(): { playing?: Playing; world?: WorldView; isRunning?: boolean }
  incidents(): Promise<Incident[]>
  subscribe(listener: () => void): () => void
}

/** Everything that one person's page needs, sent as a whole on every change. */
export interface PageState {
  slack: Snapshot
  scenarios: Scenario[]
  worlds: World[]
  playing?: Playing
  world?: WorldView
  /** Whether the world carries on. */
  isRunning?: boolean
  incidents: Incident[]
}
