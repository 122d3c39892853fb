// Which incident does an alarm join? Finds those it is tied to inside the rolling window, and says why.
import type { Change } from '../incident/alarm.ts'
import { having, wholeOf, type Board } from '../incident/board.ts'
import type { Row } from '../incident/rows.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { absorb, areApart, elder } from './merge.ts'
import type { Sighting } from './sighting.ts'
import type { Rules } from '../services/rules.ts'
import { refire } from '../incident/reopen.ts'
import { describe } from '../words/units.ts'
import { own } from '../words/words.ts'

/** Joins the eldest incident that the alarm is tied to inside the window; if it ties several together, they merge. `kin`: those of related alarms; `ties`: whether its service ties it as well. */
export function join(
  draft: Draft,
  { after: alarm, isFiring }: Sighting,
  at: number,
  { kin, ties }: { kin: readonly string[]; ties: 'kin' | 'both' },
): Incident | undefined {
  const { rules } = draft
  const tied = ties === 'kin' ? [] : tiesOf(draft, alarm.service, at)
  const related = kin.filter((id) => !tied.some(({ incident }) => incident.id === id)).map((id) => draft.get(id))
  const isApart = ({ unrelated }: Incident): boolean => own(unrelated, alarm.service) !== undefined
  const found: Tie[] = [
    ...tied,
    ...related.filter((one) => !isApart(one)).map((incident) => ({ incident, via: undefined })),
  ]
  let best = found[0]
  if (!best) return undefined
  for (const tie of found) if (elder(tie.incident, best.incident)) best = tie

  for (const { incident } of found) {
    if (incident.id === best.incident.id || areApart(draft.get(best.incident.id), incident)) continue
    absorb(draft, {
      into: best.incident.id,
      from: incident.id,
      at,
      why: `${rules.titleOf(alarm.service)} ties them together`,
    })
  }
  const incident = draft.get(best.incident.id)
  if (incident.resolved && at > incident.resolved.at) refire(draft, incident.id, at, `${alarm.name} fires`)
  else if (incident.resolved && isFiring)
    refire(draft, incident.id, at, `${alarm.name} fires since before it was resolved`)
  if (!Object.hasOwn(incident.services, alarm.service)) {
    const why = whyTied(alarm.service, best.via, rules)
    const text = `${rules.titleOf(alarm.service)} joined (${why}): ${describe(alarm)}`
    draft.note(incident.id, { at, kind: 'joined', text, service: alarm.service })
    if (draft.get(incident.id).status === 'snoozed') {
      draft.move(incident.id, 'wake', at)
      delete draft.edit(incident.id).snoozed
      const over = `The snooze ended early: ${rules.titleOf(alarm.service)} is new`
      draft.note(incident.id, { at, kind: 'woke', text: over, service: alarm.service })
    }
  }
  return draft.get(incident.id)
}

interface Tie {
  incident: Incident
  /** The member that ties the service to it; unset: an alarm that belongs together with this one. */
  via: string | undefined
}

/** Of what the index knows: those that these changes will probably join, so that they can be fetched together. */
export function mayBeJoined(index: Board['index'], changes: readonly Change[], rules: Rules): Row[] {
  return changes.flatMap((change) => {
    if (change.state !== 'ALARM') return []
    const service = rules.serviceOf(change)
    const near = nearTo({ incidents: {}, index }, service, change.at, rules)
    const members = near.filter((row) => isMember(row, service))
    return members.some(isActive) ? members : near.filter((row) => tieTo(row, service, rules) !== undefined)
  })
}

const isMember = ({ services }: Row, service: string): boolean => Object.hasOwn(services, service)

const nearTo = (board: Pick<Board, 'incidents' | 'index'>, service: string, at: number, rules: Rules): Row[] =>
  having(board, new Set([service]), rules.graph.kin(service)).filter((row) => isNear(row, service, at, rules))

/** If the service is a member already, its ties were checked when it joined. */
function tiesOf({ board, rules }: Draft, service: string, at: number): Tie[] {
  const near = nearTo(board, service, at, rules)
  const mayJoin = ({ unrelated }: Incident): boolean => own(unrelated, service) === undefined
  const members = wholeOf(
    board,
    near.filter((row) => isMember(row, service)),
  ).filter(mayJoin)
  if (members.some(isActive)) return members.map((incident) => ({ incident, via: service }))
  const via = new Map<string, string>()
  for (const row of near) {
    const tie = tieTo(row, service, rules)
    if (tie !== undefined) via.set(row.id, tie)
  }
  const tied = near.filter(({ id }) => via.has(id))
  return wholeOf(board, tied)
    .filter(mayJoin)
    .map((incident) => ({ incident, via: via.get(incident.id)! }))
}

function tieTo({ services }: Row, service: string, rules: Rules): string | undefined {
  if (Object.hasOwn(services, service)) return service
  for (const member in services) if (rules.graph.tied(member, service)) return member
  return undefined
}

/** Inside the rolling window around the incident's changes; a resolved one takes only what belongs to its time, or refires of its own services. */
function isNear(incident: Row, service: string, at: number, rules: Rules): boolean {
  if (incident.status === 'merged') return false
  const { windowSeconds, reopenWindowSeconds } = rules.config.correlation
  if (incident.resolved && at > incident.resolved.at)
    return Object.hasOwn(incident.services, service) && at <= incident.resolved.at + reopenWindowSeconds * 1000
  return at >= incident.firstAt - windowSeconds * 1000 && at <= incident.lastAt + windowSeconds * 1000
}

function whyTied(service: string, via: string | undefined, rules: Rules): string {
  if (via === undefined) return 'CloudWatch says that their alarms belong together'
  if (service === via) return 'the same service'
  const down = rules.graph.path(service, via)
  const way = down ?? rules.graph.path(via, service) ?? []
  const [caller, callee] = down ? ['it', rules.titleOf(via)] : [rules.titleOf(via), 'it']
  const through = way.length > 2 ? `, through ${way.slice(1, -1).map(rules.titleOf).join(' and ')}` : ''
  return `${caller} depends on ${callee}${through}`
}
