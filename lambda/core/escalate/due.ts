// What falls due by itself: a hold ends, a snooze is over, a flapping alarm is steady, everything stayed quiet. Every timer looks again before it acts.
import type { Config } from '../services/config.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { consider, runsDue } from '../remediate/propose.ts'
import type { Rules } from '../services/rules.ts'
import { duration, people } from '../words/words.ts'
import { calm } from '../correlate/flapping.ts'

/** Does what is overdue at `now` on every incident of the board. Doing it twice, or late, ends in the same. */
export function advance(draft: Draft, rules: Rules, now: number): void {
  for (const id of Object.keys(draft.board.incidents)) if (isActive(draft.get(id))) advanceOne(draft, id, rules, now)
  consider(draft, rules, now)
}

function advanceOne(draft: Draft, id: string, rules: Rules, now: number): void {
  const incident = draft.get(id)
  const { status } = incident
  const quiet = quietDue(incident, rules.config)
  if (incident.flapping) calm(draft, incident, now)
  if (quiet !== undefined && quiet <= now) {
    draft.move(id, 'recover', quiet)
    draft.edit(id).resolved = { at: quiet }
    const grace = duration(rules.config.correlation.resolveGraceSeconds * 1000)
    draft.note(id, quiet, 'resolved', `Resolved: every alarm recovered, and stayed so for ${grace}`)
    return
  }
  if (status === 'held' && (incident.heldUntil ?? 0) <= now) {
    draft.move(id, 'raise', incident.heldUntil ?? now)
    delete draft.edit(id).heldUntil
  }
  if (status === 'snoozed' && incident.snoozed && incident.snoozed.until <= now) {
    const { until } = incident.snoozed
    draft.move(id, 'wake', until)
    if (incident.acknowledged) draft.move(id, 'acknowledge', until)
    delete draft.edit(id).snoozed
    draft.note(
      id,
      until,
      'woke',
      `The snooze is over: ${incident.firing} ${incident.firing === 1 ? 'alarm fires' : 'alarms fire'}`,
    )
  }
  const waiting = draft.get(id)
  if (waiting.status !== 'open') return
  for (const step of rules.config.escalation.slice(waiting.escalated)) {
    const due = waiting.waitingSince + step.afterSeconds * 1000
    if (due > now) break
    draft.edit(id).escalated += 1
    draft.note(
      id,
      due,
      'escalated',
      `Nobody has acknowledged it for ${duration(step.afterSeconds * 1000)}: telling ${people(step.notify)}`,
    )
  }
}

/** When it resolves by itself, if nothing fires again; undefined while something fires. */
export function quietDue(incident: Incident, config: Config): number | undefined {
  if (!isActive(incident) || incident.firing > 0 || incident.quietSince === undefined) return undefined
  const flaps = Object.values(incident.flapping ?? {}).map(({ until }) => until)
  return Math.max(incident.quietSince + config.correlation.resolveGraceSeconds * 1000, ...flaps)
}

/** Ms: the next moment at which something falls due; undefined if nothing does until an alarm or a person moves. */
export function nextDue(incident: Incident, config: Config): number | undefined {
  const due = [...dues(incident, config), ...runsDue(incident, config)].filter((at) => at !== undefined)
  return due.length > 0 ? Math.min(...due) : undefined
}

function dues(incident: Incident, config: Config): (number | undefined)[] {
  if (incident.status === 'resolved') return [leavesAt(incident, config)]
  if (incident.status === 'merged') return []
  const step = incident.status === 'open' ? config.escalation[incident.escalated] : undefined
  return [
    quietDue(incident, config),
    ...Object.values(incident.flapping ?? {}).map(({ until }) => until),
    incident.status === 'held' ? incident.heldUntil : undefined,
    incident.status === 'snoozed' ? incident.snoozed?.until : undefined,
    step && incident.waitingSince + step.afterSeconds * 1000,
  ]
}

/** When a resolved incident can no longer reopen by itself and leaves the board. A minute is kept for alarms that come late. */
export function leavesAt(incident: Incident, config: Config): number | undefined {
  return incident.resolved && incident.resolved.at + config.correlation.reopenWindowSeconds * 1000 + 60_000
}
