// A flood: from the sixteenth incident that is raised in a channel within a minute, they share one message there, the digest. Which one belongs in it
// is decided once, when it is raised; it leaves when it needs a message of its own.
import { hash } from 'node:crypto'
import type { Clock } from '../due/clock.ts'
import { testAlarmIn } from '../facts/test-alarm.ts'
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import { byUrgency, type Row } from '../incident/rows.ts'
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
  /** The latest ones, oldest first. */
  calls?: readonly DigestCall[]
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

/** After the last one joined, or as long as an incident is in it: its end is told until then. */
const KEPT_MS = 86_400_000

const CALLS_KEPT = 10

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
  const isCurrent = (one: Digest): boolean => one.place === place && now - one.last <= SAME_FLOOD_MS
  const current = Object.entries(board.digests ?? {}).find(([, digest]) => isCurrent(digest))
  const number = current ? Number(current[0]) : begin(draft, place)
  change(draft, number, ({ count }) => ({ last: now, count: count + 1 }))
  draft.edit(id).digest = number
  const text = `Told in a digest: more than ${MOST_ALONE} incidents were raised here within a minute`
  draft.note(id, { at: now, kind: 'digested', text })
}

/** A digest with nothing in it yet; those that are told to their end are forgotten. */
function begin({ board, now }: Draft, place: string): number {
  const known = Object.entries(board.digests ?? {})
  const newest = Math.max(0, ...known.map(([number]) => Number(number)))
  const named = namedIn(board)
  // The newest stays, so that no number is given twice.
  const kept = known.filter(
    ([number, { last }]) => Number(number) === newest || now - last <= KEPT_MS || named.has(Number(number)),
  )
  board.digests = { ...Object.fromEntries(kept), [newest + 1]: { place, since: now, last: now, count: 0, own: 0 } }
  return newest + 1
}

const namedIn = ({ index, incidents }: Board): Set<number | undefined> =>
  new Set([...index.values(), ...Object.values<Row>(incidents)].map(({ digest }) => digest))

/** It has a message of its own from now on. */
export function takeOut(draft: Draft, id: string, why: string): void {
  const { digest } = draft.get(id)
  if (digest === undefined) return
  const edited = draft.edit(id)
  delete edited.digest
  change(draft, digest, ({ own }) => ({ own: own + 1 }))
  draft.note(id, { at: draft.now, kind: 'digested', text: `Has a message of its own now: ${why}` })
}

function change({ board }: Draft, number: number, by: (digest: Digest) => Partial<Digest>): void {
  const known = board.digests?.[number]
  if (known) board.digests = { ...board.digests, [number]: { ...known, ...by(known) } }
}

/** The channel of its digest refuses every message, and another stands in for it. `told`: how many calls were told there; the others are made here. */
export function moveOver(draft: Draft, id: string, { place, told }: { place: string; told: number }): void {
  const before = draft.get(id).digest!
  const { calls = [] } = draft.board.digests?.[before] ?? {}
  change(draft, before, ({ own }) => ({ own: own + 1 }))
  putInto(draft, id, place)
  const { waitingSince } = draft.get(id)
  for (const call of calls) if (call.number > told) callFor(draft, id, { ...call, since: waitingSince })
}

export const standingAlone: Clock = (incident, { board }) => {
  const { id, digest } = incident
  if (digest === undefined) return []
  const isThere = board.digests?.[digest]?.place === incident.places?.[0]
  const why = isThere ? whyAlone(incident) : 'its digest could not be read'
  return why === undefined ? [] : [{ act: (draft) => takeOut(draft, id, why) }]
}

/** Why it needs a message of its own; undefined if it does not. */
function whyAlone({
  severity,
  runs = [],
  places = [],
  refusing,
  unrelated,
  called,
  services,
}: Incident): string | undefined {
  if (severity === 'critical') return 'it is critical'
  if (called !== undefined) return 'somebody is called to it'
  if (Object.keys(services).some(testAlarmIn)) return 'it is a test'
  if (runs.some(acts)) return 'a runbook acts on it'
  if (places.slice(1).some((place) => refusing?.[place] === undefined)) return 'it concerns another team as well'
  return unrelated === undefined ? undefined : 'somebody has divided it'
}

const WAITS: ReadonlySet<Run['status']> = new Set(['looking', 'proposed', 'expired', 'withdrawn'])
const acts = ({ status }: Run): boolean => !WAITS.has(status)

/** Those that merge: the one that goes on is shown where either was. */
export function mergeInto(draft: Draft, target: Incident, source: Incident): void {
  const { digest } = source
  if (digest === undefined) {
    if ((source.places ?? []).length > 0) takeOut(draft, target.id, `${source.id}, which has one, is part of it`)
    return
  }
  delete source.digest
  if (target.places?.length === 0) target.digest = digest
  else change(draft, digest, ({ count }) => ({ count: count - 1 }))
}

/** `since`: who was called after that, at this step or a later one, is not called again; in ms. */
type Calling = Pick<DigestCall, 'step' | 'whom' | 'waited'> & { since: number }

/** A step of the escalation falls due for an incident that is in a digest: whoever is called is called there, once for all of them. */
export function callFor(draft: Draft, id: string, { step, whom, waited, since }: Calling): void {
  const { digest } = draft.get(id)
  if (digest === undefined || !draft.board.digests?.[digest]) return
  delete draft.edit(id).called
  change(draft, digest, ({ calls = [] }) => {
    const isCalled = (one: string): boolean =>
      calls.some((call) => call.step >= step && call.at >= since && call.whom.includes(one))
    const missing = whom.filter((one) => !isCalled(one))
    if (missing.length === 0) return {}
    const call: DigestCall = { number: callsOf({ calls }) + 1, step, at: draft.now, whom: missing, waited }
    return { calls: [...calls, call].slice(-CALLS_KEPT) }
  })
}

/** How many there were. */
export const callsOf = ({ calls = [] }: Pick<Digest, 'calls'>): number => calls.at(-1)?.number ?? 0

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
