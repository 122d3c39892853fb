// A flood: from the sixteenth incident that is raised in a channel within a minute, they share one message there, the digest. Which one belongs in it
// is decided once, when it is raised; it leaves when it needs a message of its own.
import { hash } from 'node:crypto'
import type { Clock } from '../due/clock.ts'
import { SEVERITIES } from '../facts/signals.ts'
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import type { Row } from '../incident/rows.ts'
import type { Run } from '../incident/run.ts'

/** Times in ms. */
export interface Digest {
  place: string
  /** When its first and its latest incident were raised. */
  since: number
  last: number
  /** How many incidents have been in it, and how many of these have a message of their own now. */
  count: number
  own: number
  called?: DigestCall
}

/** Nobody has acknowledged what is in it, and these people are called, in its thread. */
export interface DigestCall {
  /** Counts the calls of this digest, from 1. */
  number: number
  /** Which step of the escalation, from 1. */
  step: number
  at: number
  whom: readonly string[]
  /** For how long nobody has, in ms. */
  waited: number
}

const MOST_ALONE = 15
const WITHIN_MS = 60_000

/** What is raised so soon after the last one belongs to the same flood. */
const SAME_FLOOD_MS = 10 * 60_000

/** The message of a flood that is over is kept true for as long as an incident may come back to it. */
const KEPT_MS = 7 * 86_400_000

/** Its home is decided. */
export function countRaised(draft: Draft, id: string): void {
  const { board, now } = draft
  const incident = draft.get(id)
  const place = incident.places![0]!
  const isRecent = (at: number): boolean => now - at <= WITHIN_MS
  const raised = Object.entries(board.raised ?? {}).map(([one, times]) => [one, times.filter(isRecent)] as const)
  const before = raised.find(([one]) => one === place)?.[1] ?? []
  board.raised = {
    ...Object.fromEntries(raised.filter(([, times]) => times.length > 0)),
    [place]: [...before, now].slice(-MOST_ALONE),
  }
  if (before.length < MOST_ALONE || whyAlone(incident) !== undefined) return
  putInto(draft, id, place)
}

export function putInto(draft: Draft, id: string, place: string): void {
  const { board, now } = draft
  const known = Object.entries(board.digests ?? {})
  const newest = Math.max(0, ...known.map(([number]) => Number(number)))
  // The newest stays, so that no number is given twice.
  const kept = known.filter(
    ([number, { last }]) => Number(number) === newest || now - last <= KEPT_MS || isNamed(board, Number(number)),
  )
  const current = kept.find(([, digest]) => digest.place === place && now - digest.last <= SAME_FLOOD_MS)
  const number = current ? Number(current[0]) : newest + 1
  const digest = current?.[1] ?? { place, since: now, last: now, count: 0, own: 0 }
  board.digests = { ...Object.fromEntries(kept), [number]: { ...digest, last: now, count: digest.count + 1 } }
  draft.edit(id).digest = number
  const text = `Told in a digest: more than ${MOST_ALONE} incidents were raised here within a minute`
  draft.note(id, { at: now, kind: 'digested', text })
}

function isNamed({ index, incidents }: Board, number: number): boolean {
  const rows: Iterable<Row>[] = [index.values(), Object.values(incidents)]
  return rows.some((some) => [...some].some(({ digest }) => digest === number))
}

/** It has a message of its own from now on. */
export function takeOut(draft: Draft, id: string, why: string): void {
  const { digest } = draft.get(id)
  if (digest === undefined) return
  const edited = draft.edit(id)
  delete edited.digest
  // Whoever was called was called in the digest's thread.
  delete edited.called
  leaveOut(draft, digest)
  draft.note(id, { at: draft.now, kind: 'digested', text: `Has a message of its own now: ${why}` })
}

function leaveOut({ board }: Draft, number: number): void {
  const known = board.digests?.[number]
  if (known) board.digests = { ...board.digests, [number]: { ...known, own: known.own + 1 } }
}

/** The channel of its digest refuses every message, and another stands in for it. */
export function moveOver(draft: Draft, id: string, place: string): void {
  const before = draft.get(id).digest!
  const { called } = draft.board.digests?.[before] ?? {}
  leaveOut(draft, before)
  putInto(draft, id, place)
  const after = draft.get(id).digest!
  const moved = draft.board.digests![after]!
  // Whoever could not be called there is called here.
  if (called && !moved.called)
    draft.board.digests = { ...draft.board.digests, [after]: { ...moved, called: { ...called, number: 1 } } }
}

export const standingAlone: Clock = (incident, { board }) => {
  const { id, digest } = incident
  if (digest === undefined) return []
  const why = board.digests?.[digest] ? whyAlone(incident) : 'its digest could not be read'
  return why === undefined ? [] : [{ act: (draft) => takeOut(draft, id, why) }]
}

/** Why it needs a message of its own; undefined if it does not. */
function whyAlone({ severity, runs = [], places = [], refusing, unrelated }: Incident): string | undefined {
  if (severity === 'critical') return 'it is critical'
  if (runs.some(acts)) return 'a runbook acts on it'
  if (places.slice(1).some((place) => refusing?.[place] === undefined)) return 'it concerns another team as well'
  return unrelated === undefined ? undefined : 'somebody has divided it'
}

const WAITS: ReadonlySet<Run['status']> = new Set(['looking', 'proposed', 'expired', 'withdrawn'])
const acts = ({ status }: Run): boolean => !WAITS.has(status)

/** Those that merge: the one that goes on is shown where either was. */
export function mergeInto(draft: Draft, target: Incident, source: Incident): void {
  if (target.places?.length === 0 && source.digest !== undefined) {
    target.digest = source.digest
    delete source.digest
  } else if (source.digest === undefined && (source.places ?? []).length > 0)
    takeOut(draft, target.id, `${source.id}, which has one, is part of it`)
}

/** Nobody has acknowledged an incident that is in a digest: the same people are called once for all of them. */
export function callFor(draft: Draft, { digest }: Incident, call: Pick<DigestCall, 'step' | 'whom' | 'waited'>): void {
  const known = digest === undefined ? undefined : draft.board.digests?.[digest]
  if (!known) return
  const { number = 0, step = 0, whom = [] } = known.called ?? {}
  if (call.step <= step && call.whom.every((one) => whom.includes(one))) return
  const called: DigestCall = { ...call, number: number + 1, at: draft.now }
  draft.board.digests = { ...draft.board.digests, [digest!]: { ...known, called } }
}

export interface InDigest {
  digest: Digest
  /** What is open in it, worst first. */
  open: Row[]
}

/** With what it holds now, if it was ever needed. */
export function inDigests({ digests = {}, index }: Pick<Board, 'digests' | 'index'>, place: string): InDigest[] {
  const here = Object.entries(digests).filter(([, digest]) => digest.place === place)
  if (here.length === 0) return []
  const rows = [...index.values()].filter((row) => row.digest !== undefined && isActive(row))
  return here.map(([number, digest]) => ({
    digest,
    open: rows.filter((row) => row.digest === Number(number)).sort(byUrgency),
  }))
}

export const byUrgency = (a: Pick<Row, 'id' | 'severity' | 'firstAt'>, b: typeof a): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1)

/** How many lines it has; the rest is counted. */
const WORST_SHOWN = 10

export const shownOf = ({ open }: InDigest): Row[] => open.slice(0, WORST_SHOWN)

/** Another number whenever something that it shows is another. */
export function changeOf(one: InDigest): number {
  const { digest, open } = one
  const shown = shownOf(one).map(({ id, change }) => [id, change])
  const seen = JSON.stringify([digest.count, digest.own, open.length, shown])
  return Number.parseInt(hash('sha256', seen).slice(0, 12), 16)
}
