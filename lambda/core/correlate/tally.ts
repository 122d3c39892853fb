// Counts a change into its incident: what fires, since when, how far past its threshold, when it went quiet, whether it flaps.
import { isDeleted, type Alarm, type Change, type Firing } from '../incident/alarm.ts'
import type { Draft } from '../incident/draft.ts'
import { combine, steadyFrom, type Incident, type Tally } from '../incident/incident.ts'
import { excessOf } from '../intake/measure.ts'
import { shorten } from '../silence/hold.ts'
import type { Sighting } from './sighting.ts'
import type { Rules } from '../services/rules.ts'
import { sideWords } from '../words/sides.ts'
import { flap } from './flapping.ts'

export function tally(draft: Draft, id: string, home: Incident | undefined, sighting: Sighting): void {
  const { change, before, after, fired, fresh, wasFiring, isFiring } = sighting
  const incident = draft.edit(id)
  const wasHere = home?.id === id
  if (!wasHere && home && before && wasFiring) leave(draft, home.id, before)

  // What brought the alarm here may have begun after the change that was heard.
  const at = wasHere ? change.at : Math.max(change.at, fresh?.from ?? change.at)
  const member = draft.member(id, after.service)
  const known = member[after.signal]
  const fires = change.state === 'ALARM'
  const seen = {
    firing: Number(isFiring) - Number(wasHere && wasFiring),
    total: wasHere ? 0 : 1,
    ...deletedBy(sighting, wasHere),
    from: fires || !known ? firingAt(fired, at) : Infinity,
    excess: fires ? excessOf(change) : 1,
    lead: after.key,
    ...wordsOf(after),
    ...(change.sumsUp && { sumsUp: true as const }),
    ...saidOf(change, draft.rules),
  }
  member[after.signal] = known ? combine(known, seen) : seen
  incident.firing += seen.firing
  incident.firstAt = Math.min(incident.firstAt, seen.from)
  incident.openedAt = Math.min(incident.openedAt, incident.firstAt)
  const last = lastOf(after.changes, fired, at)
  incident.lastAt = Math.max(incident.lastAt, last)
  if (at <= last && change.state !== 'INSUFFICIENT_DATA') draft.hear(id, after.service, at, last)
  if (fires && incident.status === 'held') shorten(draft, id, change)
  flap(draft, id, sighting)
  if (isDeleted(after.changes)) {
    const text = `${after.name} was deleted while it fired: it does not count any more, and nothing says that anything has recovered`
    if (wasFiring && change.state === 'DELETED') draft.note(id, { at, kind: 'deleted', text, service: after.service })
    return
  }
  const ended = lastEnd(fired)
  if (ended !== undefined) staysQuiet(incident, ended, draft.rules)
  if (!known || seen.from < known.from) draft.grown.add(id)
}

function deletedBy({ before, after }: Sighting, wasHere: boolean): Pick<Tally, 'deleted'> {
  const deleted = Number(isDeleted(after.changes)) - Number(wasHere && isDeleted(before?.changes ?? []))
  return deleted === 0 ? {} : { deleted }
}

function wordsOf(alarm: Alarm): Pick<Tally, 'words'> {
  const words = alarm.signal === 'other' ? sideWords(alarm) : undefined
  return words === undefined ? {} : { words }
}

/** What is known of it once its alarm has changed again under another config stays as it was: a severity only goes up. */
const saidOf = (change: Change, rules: Rules): Pick<Tally, 'said' | 'isSaid'> => {
  const said = rules.severityOf(change)
  return said === undefined ? {} : { said, isSaid: true }
}

function lastEnd(fired: readonly Firing[]): number | undefined {
  for (let i = fired.length - 1; i >= 0; i--) if (fired[i]!.until !== undefined) return fired[i]!.until
  return undefined
}

/** Keeps the latest recovery. If it comes in late, an incident that resolved by itself counts as resolved that much later. */
function staysQuiet(incident: Incident, since: number, rules: Rules): void {
  incident.quietSince = Math.max(since, incident.quietSince ?? since)
  if (!incident.resolved || incident.resolved.by) return
  const due = incident.quietSince + rules.config.correlation.resolveGraceSeconds * 1000
  incident.resolved = { at: Math.max(due, incident.resolved.at, steadyFrom(incident)) }
}

/** When the firing that a change belongs to was last heard of: its recovery may have come in first, when it belonged to nothing. */
function lastOf(changes: Alarm['changes'], fired: readonly Firing[], at: number): number {
  const firing = fired.findLast(({ from }) => from <= at)
  return firing ? (firing.until ?? changes.findLast(([, state]) => state === 'ALARM')![0]) : -Infinity
}

/** When the firing that a change belongs to began; earlier firings may have belonged to another incident. */
function firingAt(fired: readonly Firing[], at: number): number {
  for (let i = fired.length - 1; i >= 0; i--) if (fired[i]!.from <= at) return fired[i]!.from
  return fired.at(-1)?.from ?? at
}

function leave(draft: Draft, id: string, { service, signal }: Alarm): void {
  const member = draft.member(id, service)
  const tally = member[signal]
  if (tally) member[signal] = { ...tally, firing: tally.firing - 1 }
  draft.edit(id).firing -= 1
}
