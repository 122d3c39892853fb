// What a scenario needs of its world, and what all worlds have in common.
import { SINCE } from '../fakes/cloud.ts'
import type { Small } from '../fakes/world.ts'

export interface World extends Pick<Small, 'clock' | 'cloud' | 'catchUp'> {
  /** What the runbook changes. */
  state(): unknown
  /** Makes somebody else faster. */
  spoil(): void
  /** Makes new things fail. */
  break?(): void
}

/** The look comes seconds after the alarm. */
export const clockAt = () => ({ now: SINCE + 5000 })

/** The alarm's metric: bad until it is fixed. */
export const symptom = (helps: boolean, mended: () => boolean) => () => (helps && mended() ? 0.2 : 9)

/** `helps`: the fix makes the symptom go away. */
export type Made<T extends World = World> = (helps: boolean) => T
