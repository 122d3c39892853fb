// What should a place be told next? One thing at a time: new incidents first, then changes of status, then history, then numbers.
import { SEVERITIES, type Severity } from '../facts/signals.ts'
import type { Unreadable } from '../incident/board.ts'
import type { Incident } from '../incident/incident.ts'
import type { Status } from '../incident/status.ts'
import { isGivenUp, UNTOLD, type Lane, type Told } from './ledger.ts'

/** `of`: an incident's id, or what `unreadableId` says. */
export type Job = { lane: Lane; do: 'post' | 'reply' | 'update'; of: string }

/** What is told of an incident, as far as the index knows it. */
export interface Subject {
  id: string
  status: Status
  severity: Severity
  firstAt: number
  change: number
  /** The number of the newest entry of its timeline that is told at once; 0 if there is none. */
  news: number
  isHeld: boolean
  /** Empty: it began under version 0.1.0, and what was told of it is known once it is at hand. */
  places: readonly string[]
}

/** Each series of unreadable messages is a message of its own. */
export const unreadableId = ({ since }: Unreadable): string => `unreadable@${since}`

/** Nobody is bothered with an incident that is held. */
export const isHeld = ({ status, heldUntil }: Pick<Incident, 'status' | 'heldUntil'>): boolean =>
  status === 'held' || heldUntil !== undefined

/** Slack: one message per second per channel; the extra tenth is for network time. https://docs.slack.dev/apis/web-api/rate-limits */
export const PACE_MS = 1100

/** Slack: at least 50 edits a minute for the whole app. https://docs.slack.dev/reference/methods/chat.update */
export const EDIT_MS = 1200

export interface View {
  subjects: readonly Subject[]
  unreadable: Unreadable | undefined
  told: ReadonlyMap<string, Told>
  /** When each lane is free again, in ms. */
  freeAt: Record<Lane, number>
}

export type Plan = { job: Job } | { waitMs: number; isRefused: boolean; of: string }

/** Undefined if nothing is left to tell. `isRefused`: it waits because that message was refused, else for the pace. */
export function plan(view: View, now: number): Plan | undefined {
  const ready = jobsOf(view).map((job) => {
    const refusedUntil = view.told.get(job.of)?.refused?.until ?? 0
    const at = Math.max(view.freeAt[job.lane], refusedUntil)
    return { job, at, isRefused: refusedUntil > view.freeAt[job.lane] }
  })
  const next = ready.find(({ at }) => at <= now)
  if (next) return { job: next.job }
  const first = ready
    .filter(({ job, isRefused }) => !(isRefused && isGivenUp(view.told.get(job.of)!)))
    .reduce<(typeof ready)[number] | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined)
  return first && { waitMs: first.at - now, isRefused: first.isRefused, of: first.job.of }
}

interface Standing {
  subject: Subject
  told: Told
}

function jobsOf({ subjects, unreadable, told: all }: View): Job[] {
  const shown = subjects.map((subject): Standing => ({ subject, told: all.get(subject.id) ?? UNTOLD })).filter(isShown)
  const posts = shown.filter(({ told }) => told.ref === undefined).sort(byUrgency)
  const posted = shown.filter(({ told }) => told.ref !== undefined)
  const edits = posted.filter(({ told, subject }) => told.shown !== subject.change)
  const otherStatus = edits.filter(({ told, subject }) => told.as !== subject.status)
  const job =
    (does: Job['do'], lane: Lane) =>
    ({ subject }: Standing): Job => ({ do: does, lane, of: subject.id })
  return [
    ...posts.map(job('post', 'post')),
    ...otherStatus.sort(longestWaiting).map(job('update', 'edit')),
    ...posted.filter(hasHistory).sort(longestWaiting).map(job('reply', 'post')),
    ...edits.sort(longestWaiting).map(job('update', 'edit')),
    ...(unreadable ? unreadableJob(unreadable, all) : []),
  ]
}

/** Nobody is told of an incident that became part of another before it was told. */
function isShown({ subject, told }: Standing): boolean {
  if (subject.isHeld) return false
  if (subject.status !== 'merged' || told.ref !== undefined || told.sending !== undefined) return true
  return told === UNTOLD && subject.places.length === 0
}

function byUrgency({ subject: a }: Standing, { subject: b }: Standing): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1)
  )
}

const longestWaiting = ({ told: a }: Standing, { told: b }: Standing): number => lastSent(a) - lastSent(b)
const lastSent = ({ sentAt }: Told): number => Math.max(sentAt?.post ?? 0, sentAt?.edit ?? 0)

const hasHistory = ({ subject, told }: Standing): boolean => subject.news > told.threaded

/** The place shows what is true of it. */
export const isTold = (subject: Subject, told: Told): boolean => {
  const standing = { subject, told }
  return !isShown(standing) || (told.ref !== undefined && told.shown === subject.change && !hasHistory(standing))
}

function unreadableJob(unreadable: Unreadable, all: View['told']): Job[] {
  const of = unreadableId(unreadable)
  const told = all.get(of) ?? UNTOLD
  if (told.shown === unreadable.count) return []
  return [told.ref === undefined ? { do: 'post', lane: 'post', of } : { do: 'update', lane: 'edit', of }]
}
