// One thing that falls due by itself, and what finds it.
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'

export interface Due {
  /** Ms. Unset: at once, because something has become false. */
  at?: number
  /** Nobody waits for it: no timer is set, whoever comes next does it. */
  canWait?: true
  /** Makes that it is no longer due. */
  act(draft: Draft): void
}

/** Looks at the incident as it is now: what it finds is still true when it acts. */
export type Clock = (incident: Incident, about: { board: Board; rules: Rules }) => readonly Due[]
