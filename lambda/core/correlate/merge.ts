// When two incidents are one: the younger goes into the elder, its alarms and all that people did with it.
import { SEVERITIES, type Signal } from '../facts/signals.ts'
import type { Draft } from '../incident/draft.ts'
import { combine, isActive, type Incident } from '../incident/incident.ts'
import type { Board } from '../incident/board.ts'
import type { Rules } from '../services/rules.ts'
import { refire } from '../incident/reopen.ts'
import { raise } from '../silence/hold.ts'

export const elder = (a: Incident, b: Incident): boolean =>
  a.firstAt < b.firstAt || (a.firstAt === b.firstAt && a.id < b.id)

/** People said so: "not related". */
export function areApart(a: Incident, b: Incident): boolean {
  const excludes = (x: Incident, y: Incident): boolean =>
    x.unrelated !== undefined &&
    Object.entries(x.unrelated).some(([service, to]) => to === y.id || Object.hasOwn(y.services, service))
  return excludes(a, b) || excludes(b, a)
}

export interface Absorption {
  into: string
  from: string
  /** Ms. */
  at: number
  why: string
}

export function absorb(draft: Draft, { into, from, at, why }: Absorption): void {
  const [target, source] = [draft.edit(into), draft.edit(from)]
  for (const service in source.services) {
    const member = draft.member(into, service)
    for (const [signal, tally] of Object.entries(source.services[service]!)) {
      const known = member[signal as Signal]
      member[signal as Signal] = known ? combine(known, tally) : { ...tally }
    }
  }
  target.firing += source.firing
  target.firstAt = Math.min(target.firstAt, source.firstAt)
  target.lastAt = Math.max(target.lastAt, source.lastAt)
  const quiet = Math.max(target.quietSince ?? 0, source.quietSince ?? 0)
  if (quiet > 0) target.quietSince = quiet
  if (SEVERITIES.indexOf(source.severity) > SEVERITIES.indexOf(target.severity)) target.severity = source.severity
  if (source.flapping) target.flapping = { ...source.flapping, ...target.flapping }
  if (source.unrelated) target.unrelated = { ...source.unrelated, ...target.unrelated }

  if (source.resolved && target.resolved && source.resolved.at > target.resolved.at) target.resolved = source.resolved
  if (isActive(source) && !isActive(target)) refire(draft, into, at, `${from} is part of it`)
  if (source.status !== 'held' && target.status === 'held') raise(draft, into, at)
  if (source.acknowledged && !target.acknowledged && draft.move(into, 'acknowledge', at))
    target.acknowledged = source.acknowledged
  draft.move(from, 'merge', at)
  if (source.runs) {
    target.runs = [...(target.runs ?? []), ...source.runs]
    delete source.runs
  }
  draft.grown.add(into)
  draft.merged = true
  source.mergedInto = into
  draft.note(from, { at, kind: 'merged', text: `Merged into ${into}: ${why}` })
  draft.note(into, { at, kind: 'merged', text: `${from} was merged into this one: ${why}` })
}

/**
 * Two incidents that turn out to be one, by what came in late: the changes between them, or a firing that bridges the end of the first. Only
 * pairs for which something moved are looked at: in a storm, none.
 */
export function closeGaps(draft: Draft, before: Board): void {
  const { rules } = draft
  const window = rules.config.correlation.windowSeconds * 1000
  const moved = (id: string): boolean => {
    const [was, is] = [before.incidents[id], draft.get(id)]
    return !was || draft.grown.has(id) || was.firstAt !== is.firstAt || was.resolved?.at !== is.resolved?.at
  }
  for (const id of draft.touched) {
    for (const otherId of Object.keys(draft.board.incidents)) {
      const [incident, other] = [draft.get(id), draft.get(otherId)]
      if (id === otherId || incident.status === 'merged' || other.status === 'merged') continue
      const [was, otherWas] = [before.incidents[id], before.incidents[otherId]]
      const gapClosed = was && otherWas && gapOf(was, otherWas) > window
      if (!gapClosed && !moved(id) && !moved(otherId)) continue
      const [into, from] = elder(incident, other) ? [incident, other] : [other, incident]
      if (
        gapOf(into, from) > window ||
        hadEnded(into, from, rules) ||
        areApart(into, from) ||
        !areTied(into, from, rules)
      )
        continue
      absorb(draft, { into: into.id, from: from.id, at: from.firstAt, why: 'what links them came in late' })
    }
  }
}

const gapOf = (a: Incident, b: Incident): number => Math.max(a.firstAt - b.lastAt, b.firstAt - a.lastAt)

function areTied(a: Incident, b: Incident, rules: Rules): boolean {
  const members = Object.keys(b.services)
  return Object.keys(a.services).some((one) => members.some((other) => rules.graph.tied(one, other)))
}

/** The elder was over before the younger began, and what began was no refire of its services. */
function hadEnded({ resolved, services }: Incident, younger: Incident, rules: Rules): boolean {
  if (!resolved || younger.firstAt <= resolved.at) return false
  const again = Object.keys(younger.services).some((service) => Object.hasOwn(services, service))
  return !again || younger.firstAt > resolved.at + rules.config.correlation.reopenWindowSeconds * 1000
}
