// Which incident does an alarm belong to? Folds changes into the board: the same ones, in any order and however often, give the same incidents.
import { firings, isFiring, withChange, type Alarm, type Change, type Firing } from '../incident/alarm.ts'
import { SEVERITIES } from '../facts/signals.ts'
import { blame, causesOf } from './cause.ts'
import { tally } from './tally.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { having, resolveId, type Board } from '../incident/board.ts'
import { join } from './join.ts'
import { closeGaps } from './merge.ts'
import type { Sighting } from './sighting.ts'
import type { Rules } from '../services/rules.ts'
import { severityOf } from './severity.ts'
import { refire } from '../incident/reopen.ts'
import { raise } from '../silence/hold.ts'
import { describe } from '../words/units.ts'

/** Where a change went, or why it was ignored. */
export type Fate = { incident: string } | { ignored: string }

/** `alarms`: the records of the alarms that change. Returns one fate per change, in the same order. */
export function correlate(draft: Draft, alarms: ReadonlyMap<string, Alarm>, changes: readonly Change[]): Fate[] {
  const before: Board = { ...draft.board, incidents: { ...draft.board.incidents } }
  const known = (key: string): Alarm | undefined => draft.alarms.get(key) ?? alarms.get(key)
  const fates = changes.map((change) => {
    const fate = place(draft, known, change)
    if ('incident' in fate) relate(draft, known, change, fate.incident)
    return fate
  })
  closeGaps(draft, before)
  for (const id of draft.grown) reassess(draft, id)
  return draft.merged ? fates.map((fate) => whereNow(fate, draft.board)) : fates
}

function whereNow(fate: Fate, board: Board): Fate {
  return 'incident' in fate ? { incident: resolveId(board, fate.incident)!.id } : fate
}

type Known = (key: string) => Alarm | undefined

/** The alarms that belong together with this one join its incident, if their change is on its way or their alarm fires within the window. */
function relate(draft: Draft, known: Known, { related = [], at, state }: Change, incident: string): void {
  if (state !== 'ALARM') return
  for (const { key, name } of related) {
    const alarm = known(key)
    const home = alarm && homeOn(draft.board, alarm)
    const isKnown = alarm?.kin?.incident === incident && alarm.kin.at >= at
    if (isKnown || (home && isActive(home))) continue
    const stub: Alarm = { key, name, service: '', signal: 'other', changes: [] }
    draft.alarms.set(key, { ...(alarm ?? stub), kin: { incident, at } })
  }
}

function place(draft: Draft, alarmOf: Known, change: Change): Fate {
  const known = alarmOf(change.key)
  const why = draft.rules.whyIgnored(change)
  // What has fired before it was ignored still ends.
  if (why !== undefined && (change.state === 'ALARM' || !known || !isFiring(known.changes))) return { ignored: why }
  const before = known?.partial ? complete(known, change, draft.rules) : known
  if (before && before !== known) draft.alarms.set(before.key, before)
  const changes = withChange(before?.changes ?? [], change)
  const home = before && homeOn(draft.board, before)
  if (changes === before?.changes) return home ? { incident: home.id } : { ignored: whyNoIncident(change) }

  const after = remember(before, change)
  after.changes = changes
  const fired = firings(changes)
  // The config may have changed since and know the alarm's service better; an incident keeps what it counted.
  if (!home) {
    after.service = serviceFor(draft, change)
    after.signal = draft.rules.signalOf(change)
  }
  const sighting: Sighting = {
    change,
    before,
    after,
    fired,
    fresh: freshFiring(before, fired),
    wasFiring: before !== undefined && isFiring(before.changes),
    isFiring: isFiring(changes),
  }
  const incident = homeOf(draft, home, sighting, kinOf(draft, before, change, alarmOf))
  // Without an incident, the record still names the one that its last firing belonged to.
  if (incident) after.incident = incident.id
  draft.alarms.set(after.key, after)
  if (!incident) return { ignored: whyNoIncident(change) }
  tally(draft, incident.id, home, sighting)
  return { incident: incident.id }
}

/** Not a merged incident whose target has left the board: nothing shows it any more. */
function homeOn(board: Board, { incident, service }: Alarm): Incident | undefined {
  const home = resolveId(board, incident, service)
  return home?.status === 'merged' ? undefined : home
}

/**
 * DynamoDB: 400 KB an item. From so many bytes of index on, new alarms of services that no open incident names share one incident, so that a flood of
 * them is told and nothing is lost: first those of services that are not in the config, and then all. What one batch and the list of what has not
 * landed add keeps it below 350 KB.
 */
const MOST_FOR_UNDECLARED = 215_000
const MOST_FOR_ALL = 240_000

const STRANGERS = 'other alarms'

function serviceFor({ board, rules }: Draft, change: Change): string {
  const service = rules.serviceOf(change)
  const most = Object.hasOwn(rules.config.services, service) ? MOST_FOR_ALL : MOST_FOR_UNDECLARED
  if ((board.size ?? 0) < most) return service
  const isNamed = having(board, new Set([service])).some(
    ({ services, status }) => status !== 'merged' && Object.hasOwn(services, service),
  )
  return isNamed ? service : STRANGERS
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
  if (state === 'DELETED') return 'the deletion of an alarm that belongs to no incident'
  return state === 'ALARM'
    ? 'part of a firing whose incident has ended'
    : 'an alarm without data that belongs to no incident'
}

/** The newest change describes the alarm; an older one only fills in what is missing. */
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
    ...(before?.kin !== undefined && { kin: before.kin }),
    account: first.account ?? second?.account,
    alarmAccount: first.alarmAccount ?? second?.alarmAccount,
    description: first.description ?? second?.description,
    region: first.region ?? second?.region,
    namespace: first.namespace ?? second?.namespace,
    metric: first.metric ?? second?.metric,
    stat: first.stat ?? second?.stat,
    dimensions: first.dimensions ?? second?.dimensions,
    value: first.value ?? second?.value,
    threshold: first.threshold ?? second?.threshold,
    side: first.side ?? second?.side,
  }
}

/** Where the alarm belongs: its own incident, one that it joins, or a new one; none if it has none and nothing new fired. */
function homeOf(
  draft: Draft,
  home: Incident | undefined,
  sighting: Sighting,
  kin: readonly string[],
): Incident | undefined {
  if (home && isActive(home)) return home
  const { after, fresh } = sighting
  if (!fresh) return home
  if (home?.resolved && kin.length === 0) {
    const late = fresh.from <= home.resolved.at
    if (late && fresh.until !== undefined) return home
    if (late || fresh.from <= home.resolved.at + draft.rules.config.correlation.reopenWindowSeconds * 1000) {
      refire(draft, home.id, fresh.from, `${after.name} ${late ? 'fires since before it was resolved' : 'fires again'}`)
      return draft.get(home.id)
    }
  }
  // What sums up others goes where they are, not back to where it was.
  const ties = kin.length > 0 && sighting.change.sumsUp ? 'kin' : 'both'
  return join(draft, sighting, fresh.from, { kin, ties }) ?? open(draft, after, fresh.from, sighting.change.quietUntil)
}

/** Active incidents of the alarms that belong together with this one: those that fired within the window, each in its own. */
function kinOf(draft: Draft, before: Alarm | undefined, { related = [], at }: Change, alarmOf: Known): string[] {
  const within = draft.rules.config.correlation.windowSeconds * 1000
  const isNear = (then: number): boolean => Math.abs(at - then) <= within
  const named = [before?.kin && isNear(before.kin.at) ? before.kin.incident : undefined]
  for (const { key } of related) {
    const one = alarmOf(key)
    if (!one) continue
    const began = firings(one.changes).at(-1)
    if (began && isFiring(one.changes) && isNear(began.from)) named.push(one.incident)
    // Of an alarm over several series: another of them has fired.
    else if (one.kin && isNear(one.kin.at)) named.push(one.kin.incident)
  }
  const found = named.flatMap((id) => resolveId(draft.board, id) ?? [])
  return [...new Set(found.filter(isActive).map(({ id }) => id))]
}

/** The latest firing within which no known firing began. */
function freshFiring(before: Alarm | undefined, fired: readonly Firing[]): Firing | undefined {
  if (!before) return fired.at(-1)
  const known = firings(before.changes)
  return fired.findLast(
    ({ from, until }) => !known.some((old) => old.from >= from && (until === undefined || old.from < until)),
  )
}

function open(draft: Draft, alarm: Alarm, at: number, mutedUntil: number | undefined): Incident {
  const { rules } = draft
  const incident = draft.open(at)
  if (mutedUntil !== undefined) incident.heldUntil = mutedUntil
  else if (rules.config.correlation.holdSeconds > 0)
    incident.heldUntil = at + rules.config.correlation.holdSeconds * 1000
  else draft.move(incident.id, 'raise', at)
  const text = `Opened: ${rules.titleOf(alarm.service)}, ${describe(alarm)}`
  draft.note(incident.id, { at, kind: 'opened', text, service: alarm.service })
  return incident
}

/** After an incident grew: is it worse, and has its probable cause changed? */
function reassess(draft: Draft, id: string): void {
  const { rules, now } = draft
  const incident = draft.get(id)
  if (incident.status === 'merged') return
  const severity = severityOf(incident.services, rules)
  const isNew = incident.cause === undefined
  const at = Math.min(now, incident.lastAt)
  const { holdSeconds } = rules.config.correlation
  if (SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(incident.severity)) {
    draft.edit(id).severity = severity
    if (!isNew) draft.note(id, { at, kind: 'severity', text: `Now ${severity}` })
    const onlyHeldForCalm =
      incident.heldUntil !== undefined && incident.heldUntil <= incident.openedAt + holdSeconds * 1000
    if (incident.status === 'held' && onlyHeldForCalm) raise(draft, id, now)
  }
  const cause = causesOf(incident, rules)[0]?.service
  if (cause !== undefined && cause !== incident.cause) {
    blame(draft, id, cause)
    const text = `Probable cause is now ${rules.titleOf(cause)}`
    if (!isNew) draft.note(id, { at, kind: 'cause', text, service: cause })
  }
}
