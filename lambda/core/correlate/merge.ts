// When two incidents are one: the younger merges into the elder, with its alarms and whatever people did with it.
import { SEVERITIES, type Signal } from '../facts/signals.ts'
import type { Draft } from '../incident/draft.ts'
import { combine, isActive, servicesOf, type Incident } from '../incident/incident.ts'
import { having, wholeOf, type Board } from '../incident/board.ts'
import { byAge, type Row } from '../incident/rows.ts'
import type { Rules } from '../services/rules.ts'
import { mergeInto } from '../notify/digest.ts'
import { refire } from '../incident/reopen.ts'
import { raise } from '../silence/hold.ts'
import { own } from '../words/words.ts'

export const elder = (a: Row, b: Row): boolean => byAge(a, b) < 0

/** A person said that they are not related. */
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
  for (const key of ['quietSince', 'refiredAt', 'steadyAt'] as const)
    if ((source[key] ?? 0) > (target[key] ?? 0)) target[key] = source[key]!
  if (SEVERITIES.indexOf(source.severity) > SEVERITIES.indexOf(target.severity)) target.severity = source.severity
  if (source.flapping) target.flapping = { ...source.flapping, ...target.flapping }
  if (source.unrelated) target.unrelated = { ...source.unrelated, ...target.unrelated }

  if (source.resolved && target.resolved && source.resolved.at > target.resolved.at) target.resolved = source.resolved
  if (isActive(source) && !isActive(target)) refire(draft, into, at, `${from} is part of it`)
  if (source.status !== 'held' && target.status === 'held') raise(draft, into, at)
  if (source.status === 'held' && target.status === 'held')
    target.heldUntil = Math.min(source.heldUntil ?? 0, target.heldUntil ?? 0)
  if (source.acknowledged && !target.acknowledged && draft.move(into, 'acknowledge', at))
    target.acknowledged = source.acknowledged
  mergeInto(draft, target, source)
  takePlaces(target, source, draft.now)
  draft.move(from, 'merge', at)
  if (source.runs) {
    target.runs = [...(target.runs ?? []), ...source.runs]
    delete source.runs
  }
  draft.grown.add(into)
  for (const { service, at: when } of draft.heard(from)) draft.hear(into, service, when)
  draft.merged = true
  source.mergedInto = into
  draft.note(from, { at, kind: 'merged', text: `Merged into ${into}: ${why}` })
  draft.note(into, { at, kind: 'merged', text: `${from} was merged into this one: ${why}` })
}

/** The home stays, and what stood for the younger elsewhere becomes a line of the elder; if nobody has heard of the elder yet, its home is that of the younger. */
function takePlaces(target: Incident, { places = [], team, refusing }: Incident, now: number): void {
  if (target.places?.length === 0 && places.length > 0) {
    if (team !== undefined) target.team = team
    // As if the cause had moved: it may be another team's than that of this home.
    target.causeAt = now
  }
  target.places = [...new Set([...(target.places ?? []), ...places])]
  if (refusing) target.refusing = { ...refusing, ...target.refusing }
}

/**
 * Merges incidents that turn out to be one because of what came in late: changes between them, or a firing that spans the end of the first.
 * Checks only pairs for which something moved: in a storm, none. A merged incident has moved, so its pairs are checked again.
 */
export function closeGaps(draft: Draft, before: Board): void {
  const { rules, board } = draft
  const window = rules.config.correlation.windowSeconds * 1000
  const rowBefore = (id: string): Row | undefined => before.incidents[id] ?? before.index.get(id)
  const moved = (is: Row, was: Row | undefined): boolean =>
    !was || draft.grown.has(is.id) || was.firstAt !== is.firstAt || was.resolved?.at !== is.resolved?.at
  const late = (id: string, { resolved }: Row): boolean =>
    resolved !== undefined && draft.heard(id).some(({ at }) => at <= resolved.at)
  const waiting = [...draft.touched]
  for (const id of waiting) {
    const was = rowBefore(id)
    const services = Object.keys(draft.get(id).services)
    for (const row of having(board, new Set(services), ...services.map(rules.graph.kin))) {
      const [incident, other] = [draft.get(id), board.incidents[row.id] ?? row]
      if (id === other.id || incident.status === 'merged' || other.status === 'merged') continue
      const otherWas = rowBefore(other.id)
      const gapClosed = was && otherWas && gapOf(was, otherWas) > window
      if (
        !gapClosed &&
        !moved(incident, was) &&
        !moved(other, otherWas) &&
        !late(id, other) &&
        !late(other.id, incident)
      )
        continue
      if (!mayBeOne(incident, other, rules)) continue
      const [whole] = wholeOf(board, [other])
      const [into, from] = elder(incident, whole!) ? [incident, whole!] : [whole!, incident]
      if (areApart(into, from) || !areOne(draft, into, from)) continue
      absorb(draft, { into: into.id, from: from.id, at: from.firstAt, why: 'what links them came in late' })
      waiting.push(into.id)
    }
  }
}

const gapOf = (a: Row, b: Row): number => Math.max(a.firstAt - b.lastAt, b.firstAt - a.lastAt)

/** As far as rows tell: near each other, or one that resolved and may have fired again, and with services that are tied. */
function mayBeOne(a: Row, b: Row, { graph, config }: Rules): boolean {
  const near = gapOf(a, b) <= config.correlation.windowSeconds * 1000
  if (!near && !a.resolved && !b.resolved) return false
  for (const one in a.services) for (const other in b.services) if (graph.tied(one, other)) return true
  return false
}

/** Tied, and inside the window. A resolved one takes only what belongs to its time, and refires of its services, as when an alarm joins. */
function areOne(draft: Draft, elder: Incident, younger: Incident): boolean {
  if (firesAgain(elder, younger, draft.rules)) return true
  if (gapOf(elder, younger) > draft.rules.config.correlation.windowSeconds * 1000) return false
  return belongs(draft, younger, elder) && belongs(draft, elder, younger)
}

/** A service of a resolved incident fires again inside the reopen window. */
function firesAgain({ resolved, services }: Incident, younger: Incident, rules: Rules): boolean {
  if (!resolved) return false
  const until = resolved.at + rules.config.correlation.reopenWindowSeconds * 1000
  // A summary that fires again does so for whatever it sums up now.
  const theirs = new Set(servicesOf(younger))
  return Object.keys(services).some(
    (service) =>
      theirs.has(service) &&
      Object.values(own(younger.services, service) ?? {}).some(({ from }) => from > resolved.at && from <= until),
  )
}

const endOf = ({ resolved }: Incident): number => resolved?.at ?? Infinity

/** As of the other's end: which of its services are tied to the other's, and did any of those change inside the window? */
function belongs(draft: Draft, incident: Incident, to: Incident): boolean {
  const { graph, config } = draft.rules
  const end = endOf(to)
  const theirs = membersUntil(to, endOf(incident))
  const ours = membersUntil(incident, end)
  const linked = new Set(ours.filter((one) => theirs.some((other) => graph.tied(one, other))))
  if (linked.size === 0 || !to.resolved) return linked.size > 0
  // If it had resolved and only refired after that end, nothing tied its services together then.
  if ((incident.refiredAt ?? 0) <= end)
    for (const known of linked) for (const one of ours) if (graph.tied(known, one)) linked.add(one)
  const since = to.firstAt - config.correlation.windowSeconds * 1000
  return timesOf(draft, incident, linked).some((at) => at >= since && at <= end)
}

const membersUntil = ({ services }: Incident, end: number): string[] =>
  servicesOf({ services }).filter((service) => Object.values(services[service]!).some(({ from }) => from <= end))

/** The known times at which these services changed: when they began, what was just heard, and the incident's last change. */
function timesOf(draft: Draft, { id, lastAt, services }: Incident, of: ReadonlySet<string>): number[] {
  const began = [...of].flatMap((service) => Object.values(services[service]!).map(({ from }) => from))
  const heard = draft.heard(id).filter(({ service }) => of.has(service))
  return [lastAt, ...began, ...heard.map(({ at }) => at)]
}
