// What falls due by itself: one table decides both what is due next and what happens then.
import { steady } from '../correlate/flapping.ts'
import { calling } from '../escalate/calling.ts'
import { escalation } from '../escalate/escalation.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { leaving } from '../incident/leaving.ts'
import { mitigation } from '../incident/mitigated.ts'
import { quiet } from '../incident/recovery.ts'
import { proposals } from '../remediate/propose.ts'
import { runs } from '../remediate/clocks.ts'
import { leftovers } from '../remediate/left.ts'
import { standingAlone } from '../notify/digest.ts'
import { placing } from '../notify/places.ts'
import { hold } from '../silence/hold.ts'
import { snooze } from '../silence/snooze.ts'
import type { Clock, Due } from './clock.ts'

/** Of two that are due at the same moment, the earlier in the table goes first. */
const CLOCKS: readonly { of: 'active' | 'all'; clock: Clock }[] = [
  { of: 'active', clock: steady },
  { of: 'active', clock: mitigation },
  { of: 'active', clock: quiet },
  { of: 'active', clock: hold },
  { of: 'active', clock: snooze },
  { of: 'active', clock: escalation },
  { of: 'active', clock: calling },
  { of: 'all', clock: placing },
  { of: 'active', clock: standingAlone },
  { of: 'all', clock: runs },
  { of: 'active', clock: leftovers },
  { of: 'active', clock: proposals },
  { of: 'all', clock: leaving },
]

/** Far more than ever happens: stops an act that leaves itself due from looping forever. */
const MOST_AT_ONCE = 1000

/** For the incidents at hand: does what is overdue, in order of time, then what is due without a time. Doing it twice, or late, gives the same result. */
export function settle(draft: Draft): void {
  for (const id of Object.keys(draft.board.incidents)) {
    let did = 0
    for (let due = overdue(draft, id); due; due = overdue(draft, id)) {
      if (++did > MOST_AT_ONCE) throw new Error(`${id}: something is due for ever`)
      due.act(draft)
    }
  }
}

function overdue(draft: Draft, id: string): Due | undefined {
  const incident = draft.board.incidents[id]
  if (!incident) return undefined
  let first: Due | undefined
  for (const due of duesOf(incident, draft)) {
    if (due.at !== undefined && due.at > draft.now) continue
    if (!first || (due.at ?? Infinity) < (first.at ?? Infinity)) first = due
  }
  return first
}

/** When something falls due first, in ms, whether it needs a timer or not; 0 if it is due at once. */
export function firstDue(incident: Incident, about: Parameters<Clock>[1]): number | undefined {
  const times = duesOf(incident, about).map(({ at = 0 }) => at)
  return times.length > 0 ? Math.min(...times) : undefined
}

/** When something that needs a timer falls due next, in ms; undefined if nothing does until an alarm changes or a person acts. */
export function nextDue(incident: Incident, about: Parameters<Clock>[1]): number | undefined {
  const times = duesOf(incident, about).flatMap(({ at, canWait }) => (at === undefined || canWait ? [] : [at]))
  return times.length > 0 ? Math.min(...times) : undefined
}

function duesOf(incident: Incident, about: Parameters<Clock>[1]): Due[] {
  const active = isActive(incident)
  return CLOCKS.flatMap(({ of, clock }) => (active || of === 'all' ? clock(incident, about) : []))
}
