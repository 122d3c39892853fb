// Which incident is an alarm part of? Folds alarm changes into the board: the same changes in any order, however often, end in the same incidents.
import { firings, isFiring, withChange, type Alarm, type Change, type Firing } from './alarm.ts'
import { causesOf } from './cause.ts'
import { SEVERITIES, type Signal } from './catalogue.ts'
import { draftOf, type Draft } from './draft.ts'
import { combine, isActive, resolveId, type Board, type Incident } from './incident.ts'
import { excessOf } from './measure.ts'
import type { Rules } from './rules.ts'
import { severityOf } from './severity.ts'
import { advance } from './timers.ts'
import { describe } from './units.ts'
import { own } from './words.ts'

/** What became of a change. */
export type Fate = { incident: string } | { ignored: string }

export interface Outcome {
  board: Board
  /** Records to write. */
  alarms: Alarm[]
  /** Incidents that changed in a way that can be seen. */
  touched: ReadonlySet<string>
  /** One for each change, in their order. */
  fates: Fate[]
}

/** `alarms` holds what is remembered of the alarms that change; `now` in ms. Pure: `board` stays as it was. */
export function correlate(
  board: Board,
  alarms: ReadonlyMap<string, Alarm>,
  changes: readonly Change[],
  rules: Rules,
  now: number,
): Outcome {
  const draft = draftOf(board)
  const written = new Map<string, Alarm>()
  const fates = changes.map((change) => {
    const before = written.get(change.key) ?? alarms.get(change.key)
    return place(draft, before, change, rules, (after) => written.set(after.key, after))
  })
  closeGaps(draft, board, rules)
  for (const id of draft.grown) judge(draft, id, rules, now)
  advance(draft, rules, now)
  return {
    board: draft.board,
    alarms: [...written.values()],
    touched: draft.touched,
    fates: draft.merged ? fates.map((fate) => whereNow(fate, draft.board)) : fates,
  }
}

function whereNow(fate: Fate, board: Board): Fate {
  return 'incident' in fate ? { incident: resolveId(board, fate.incident)!.id } : fate
}

function place(
  draft: Draft,
  known: Alarm | undefined,
  change: Change,
  rules: Rules,
  write: (alarm: Alarm) => void,
): Fate {
  const before = known?.partial ? complete(known, change, rules) : known
  if (before && before !== known) write(before)
  const changes = withChange(before?.changes ?? [], change.at, change.state)
  const home = before && resolveId(draft.board, before.incident, before.service)
  if (changes === before?.changes) return home ? { incident: home.id } : { ignored: whyNoIncident(change) }

  const after = remember(before, change)
  after.changes = changes
  const fired = firings(changes)
  // A config that changed may know the alarm's service better; an incident keeps what it counted.
  if (!home) {
    after.service = serviceFor(draft, change, rules)
    after.signal = rules.signalOf(change)
  }
  const news: News = {
    change,
    before,
    after,
    fired,
    wasFiring: before !== undefined && isFiring(before.changes),
    isFiring: isFiring(changes),
  }
  const incident = homeOf(draft, home, news, rules)
  after.incident = incident?.id
  write(after)
  if (!incident) return { ignored: whyNoIncident(change) }
  count(draft, incident.id, home, news, rules)
  return { incident: incident.id }
}

/** A change, and what it makes of its alarm. */
interface News {
  change: Change
  before: Alarm | undefined
  after: Alarm
  fired: readonly Firing[]
  wasFiring: boolean
  isFiring: boolean
}

/** So many incidents fit on the board; beyond, alarms of unknown services share one, so that a storm of strangers is told and nothing is lost. */
const MOST_INCIDENTS = 200
const STRANGERS = 'other alarms'

function serviceFor(draft: Draft, change: Change, rules: Rules): string {
  const service = rules.serviceOf(change)
  const isStranger = !Object.hasOwn(rules.config.services, service)
  return isStranger && Object.keys(draft.board.incidents).length >= MOST_INCIDENTS ? STRANGERS : service
}

function complete(partial: Alarm, change: Change, rules: Rules): Alarm {
  const { partial: _, ...alarm } = partial
  const facts = remember(alarm, change)
  return alarm.name === ''
    ? { ...facts, name: change.name, service: rules.serviceOf(change), signal: rules.signalOf(change) }
    : facts
}

function whyNoIncident({ state }: Change): string {
  if (state === 'OK') return 'the recovery of an alarm that belongs to no incident'
  return state === 'ALARM'
    ? 'part of a firing whose incident has ended'
    : 'an alarm without data that belongs to no incident'
}

/** The newest change describes the alarm; an older one only fills what is missing. */
function remember(before: Alarm | undefined, change: Change): Alarm {
  const isNewest = !before || change.at >= (before.changes.at(-1)?.[0] ?? 0)
  const [first, second] = isNewest ? [change, before] : [before, change]
  return {
    key: change.key,
    name: before?.name ?? change.name,
    service: before?.service ?? '',
    signal: before?.signal ?? 'other',
    changes: before?.changes ?? [],
    incident: before?.incident,
    account: first.account ?? second?.account,
    region: first.region ?? second?.region,
    namespace: first.namespace ?? second?.namespace,
    metric: first.metric ?? second?.metric,
    stat: first.stat ?? second?.stat,
    value: first.value ?? second?.value,
    threshold: first.threshold ?? second?.threshold,
    side: first.side ?? second?.side,
  }
}

/** Where the alarm belongs: where it was, or the incident it joins, or a new one; nowhere if nothing new fired. */
function homeOf(draft: Draft, home: Incident | undefined, news: News, rules: Rules): Incident | undefined {
  if (home && isActive(home)) return home
  const fresh = freshFiring(news)
  if (!fresh) return home
  const { after } = news
  if (home?.resolved) {
    const late = fresh.from <= home.resolved.at
    if (late && fresh.until !== undefined) return home
    if (late || fresh.from <= home.resolved.at + rules.config.correlation.reopenWindowSeconds * 1000) {
      refire(draft, home.id, fresh.from, `${after.name} ${late ? 'fires since before it was resolved' : 'fires again'}`)
      return draft.get(home.id)
    }
  }
  return join(draft, news, fresh.from, rules) ?? open(draft, after, fresh.from, news.change, rules)
}

/** The last firing that was not known, nor part of one that was known. */
function freshFiring({ before, fired }: News): Firing | undefined {
  if (!before) return fired.at(-1)
  const known = firings(before.changes)
  return fired.findLast(
    ({ from, until }) => !known.some((old) => old.from >= from && (until === undefined || old.from < until)),
  )
}

function refire(draft: Draft, id: string, at: number, why: string): void {
  if (!draft.move(id, 'refire', at)) return
  const incident = draft.edit(id)
  delete incident.resolved
  delete incident.acknowledged
  delete incident.heldUntil
  draft.note(id, at, 'reopened', `Reopened: ${why}`)
}

function open(draft: Draft, alarm: Alarm, at: number, change: Change, rules: Rules): Incident {
  const incident = draft.open(at)
  const quiet = change.quietUntil
  if (quiet !== undefined) incident.heldUntil = quiet
  else if (rules.config.correlation.holdSeconds > 0)
    incident.heldUntil = at + rules.config.correlation.holdSeconds * 1000
  else draft.move(incident.id, 'raise', at)
  draft.note(incident.id, at, 'opened', `Opened: ${rules.titleOf(alarm.service)}, ${describe(alarm)}`)
  return incident
}

/** Finds the incidents that the alarm is tied to, inside the window; where it ties several together, they become one. */
function join(draft: Draft, { after: alarm, isFiring }: News, at: number, rules: Rules): Incident | undefined {
  const found = tiesOf(draft, alarm.service, at, rules)
  let best = found[0]
  if (!best) return undefined
  for (const tie of found) if (elder(tie.incident, best.incident)) best = tie

  for (const { incident } of found) {
    if (incident.id === best.incident.id || areApart(draft.get(best.incident.id), incident)) continue
    absorb(draft, best.incident.id, incident.id, at, `${rules.titleOf(alarm.service)} ties them together`)
  }
  const incident = draft.get(best.incident.id)
  if (incident.resolved && at > incident.resolved.at) refire(draft, incident.id, at, `${alarm.name} fires`)
  else if (incident.resolved && isFiring)
    refire(draft, incident.id, at, `${alarm.name} fires since before it was resolved`)
  if (!Object.hasOwn(incident.services, alarm.service)) {
    draft.note(
      incident.id,
      at,
      'joined',
      `${rules.titleOf(alarm.service)} joined (${whyTied(alarm.service, best.via!, rules)}): ${describe(alarm)}`,
    )
    if (draft.get(incident.id).status === 'snoozed') {
      draft.move(incident.id, 'wake', at)
      delete draft.edit(incident.id).snoozed
      draft.note(incident.id, at, 'woke', `The snooze ended early: ${rules.titleOf(alarm.service)} is new`)
    }
  }
  return draft.get(incident.id)
}

interface Tie {
  incident: Incident
  /** The member that ties the service to it. */
  via: string | undefined
}

/** Where the service is a member already, its ties were looked at when it joined. */
function tiesOf(draft: Draft, service: string, at: number, rules: Rules): Tie[] {
  const { incidents } = draft.board
  const near: Tie[] = []
  let isMember = false
  for (const id in incidents) {
    const incident = incidents[id]!
    if (own(incident.unrelated, service) !== undefined || !isNear(incident, service, at, rules)) continue
    const via = Object.hasOwn(incident.services, service) ? service : undefined
    if (via !== undefined && isActive(incident)) isMember = true
    near.push({ incident, via })
  }
  if (isMember) return near.filter(({ via }) => via !== undefined)
  for (const tie of near) tie.via ??= tieTo(tie.incident, service, rules)
  return near.filter(({ via }) => via !== undefined)
}

function tieTo({ services }: Incident, service: string, rules: Rules): string | undefined {
  for (const member in services) if (rules.graph.tied(member, service)) return member
  return undefined
}

const elder = (a: Incident, b: Incident): boolean => a.firstAt < b.firstAt || (a.firstAt === b.firstAt && a.id < b.id)

/** Inside the rolling window around the incident's changes; a resolved one only takes what belongs to its time, or its own services' refires. */
function isNear(incident: Incident, service: string, at: number, rules: Rules): boolean {
  if (incident.status === 'merged') return false
  const { windowSeconds, reopenWindowSeconds } = rules.config.correlation
  if (incident.resolved) {
    if (at > incident.resolved.at)
      return Object.hasOwn(incident.services, service) && at <= incident.resolved.at + reopenWindowSeconds * 1000
  }
  return at >= incident.firstAt - windowSeconds * 1000 && at <= incident.lastAt + windowSeconds * 1000
}

/** People said so: "not related". */
function areApart(a: Incident, b: Incident): boolean {
  const excludes = (x: Incident, y: Incident): boolean =>
    x.unrelated !== undefined &&
    Object.entries(x.unrelated).some(([service, to]) => to === y.id || Object.hasOwn(y.services, service))
  return excludes(a, b) || excludes(b, a)
}

function whyTied(service: string, via: string, rules: Rules): string {
  if (service === via) return 'the same service'
  const down = rules.graph.path(service, via)
  const way = down ?? rules.graph.path(via, service) ?? []
  const [caller, callee] = down ? ['it', rules.titleOf(via)] : [rules.titleOf(via), 'it']
  const through = way.length > 2 ? `, through ${way.slice(1, -1).map(rules.titleOf).join(' and ')}` : ''
  return `${caller} depends on ${callee}${through}`
}

function absorb(draft: Draft, into: string, from: string, at: number, why: string): void {
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
  draft.grown.add(into)
  draft.merged = true
  source.mergedInto = into
  draft.note(from, at, 'merged', `Merged into ${into}: ${why}`)
  draft.note(into, at, 'merged', `${from} was merged into this one: ${why}`)
}

function raise(draft: Draft, id: string, at: number): void {
  draft.move(id, 'raise', at)
  delete draft.edit(id).heldUntil
}

/** Puts the alarm's change into the incident's numbers. */
function count(draft: Draft, id: string, home: Incident | undefined, news: News, rules: Rules): void {
  const { change, before, after, fired } = news
  const incident = draft.edit(id)
  const wasHere = home?.id === id
  if (!wasHere && home && before && news.wasFiring) leave(draft, home.id, before)

  const member = draft.member(id, after.service)
  const known = member[after.signal]
  const fires = change.state === 'ALARM'
  const tally = {
    firing: Number(news.isFiring) - Number(wasHere && news.wasFiring),
    total: wasHere ? 0 : 1,
    from: fires || !known ? firingAt(fired, change.at) : Infinity,
    excess: fires ? excessOf(change) : 1,
    lead: after.key,
  }
  member[after.signal] = known ? combine(known, tally) : tally
  incident.firing += tally.firing
  incident.firstAt = Math.min(incident.firstAt, tally.from)
  incident.openedAt = Math.min(incident.openedAt, incident.firstAt)
  incident.lastAt = Math.max(incident.lastAt, change.at)
  const ended = lastEnd(fired)
  if (ended !== undefined) staysQuiet(incident, ended, rules)
  if (fires && incident.status === 'held') letGo(draft, id, change, rules)
  if (after.changes.length >= rules.config.correlation.flap.changes) flap(draft, id, news, rules)
  if (!known) draft.grown.add(id)
}

function lastEnd(fired: readonly Firing[]): number | undefined {
  for (let i = fired.length - 1; i >= 0; i--) if (fired[i]!.until !== undefined) return fired[i]!.until
  return undefined
}

/** The last recovery so far; an incident that resolved by itself resolved that much later, if it comes in late. */
function staysQuiet(incident: Incident, since: number, rules: Rules): void {
  incident.quietSince = Math.max(since, incident.quietSince ?? since)
  if (!incident.resolved || incident.resolved.by) return
  const due = incident.quietSince + rules.config.correlation.resolveGraceSeconds * 1000
  incident.resolved = { at: Math.max(due, incident.resolved.at) }
}

/** When the firing began that a change belongs to; earlier firings may have belonged to another incident. */
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

/** Something that CloudWatch does not hold back ends a hold that came from a mute rule. */
function letGo(draft: Draft, id: string, change: Change, rules: Rules): void {
  const incident = draft.edit(id)
  const until = change.quietUntil ?? incident.openedAt + rules.config.correlation.holdSeconds * 1000
  if (incident.heldUntil !== undefined && until < incident.heldUntil) incident.heldUntil = until
}

function flap(draft: Draft, id: string, { after: alarm, fired }: News, rules: Rules): void {
  const { changes, withinSeconds } = rules.config.correlation.flap
  const flips = fired.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until]))
  const first = flips.at(-changes)
  if (first === undefined || flips.at(-1)! - first > withinSeconds * 1000) return
  const incident = draft.edit(id)
  const began = incident.flapping?.[alarm.key] === undefined
  incident.flapping = { ...incident.flapping, [alarm.key]: { name: alarm.name, until: first + withinSeconds * 1000 } }
  if (began)
    draft.note(
      id,
      flips.at(-1)!,
      'flapping',
      `${alarm.name} is flapping: ${changes} changes within ${Math.ceil((flips.at(-1)! - first) / 60_000)} minutes. The incident stays open until it is steady`,
    )
}

/**
 * Two incidents that turn out to be one, by what came in late: the changes between them, or a firing that bridges the end of the first. Only
 * pairs for which something moved are looked at: in a storm, none.
 */
function closeGaps(draft: Draft, before: Board, rules: Rules): void {
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
      absorb(draft, into.id, from.id, from.firstAt, 'what links them came in late')
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

/** After it grew: is it worse, and is the cause another? */
function judge(draft: Draft, id: string, rules: Rules, now: number): void {
  const incident = draft.get(id)
  if (incident.status === 'merged') return
  const severity = severityOf(incident.services, rules)
  const isNew = incident.cause === undefined
  const { holdSeconds } = rules.config.correlation
  if (SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(incident.severity)) {
    draft.edit(id).severity = severity
    if (!isNew) draft.note(id, Math.min(now, incident.lastAt), 'severity', `Now ${severity}`)
    const onlyHeldForCalm =
      incident.heldUntil !== undefined && incident.heldUntil <= incident.openedAt + holdSeconds * 1000
    if (incident.status === 'held' && onlyHeldForCalm) raise(draft, id, now)
  }
  const cause = causesOf(incident, rules)[0]?.service
  if (cause !== undefined && cause !== incident.cause) {
    draft.edit(id).cause = cause
    if (!isNew) draft.note(id, Math.min(now, incident.lastAt), 'cause', `Probable cause is now ${rules.titleOf(cause)}`)
  }
}
