// Something that falls due by itself, and the clock that finds it.
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'

export interface Due {
  /** In ms. Unset: due at once, because of how things are now. */
  at?: number
  /** Nobody waits for it: no timer is set, and whoever comes next does it. */
  canWait?: true
  /** Afterwards it must no longer be due. */
  act(draft: Draft): void
}

/** Looks at the incident as it is now: what it finds is still true when it acts. */
export type Clock = (incident: Incident, about: { board: Board; rules: Rules }) => readonly Due[]
