// What should a place be told next? One thing at a time: new incidents first, then changes of status, then history, then numbers.
import type { Severity } from '../facts/signals.ts'
import { byUrgency } from '../incident/rows.ts'
import type { Status } from '../incident/status.ts'
import type { Notice } from './notices.ts'
import { isGivenUp, UNTOLD, type Does, type Lane, type Told } from './ledger.ts'

/** `of`: an incident's id, or that of a notice. */
export type Job = { lane: Lane; do: Does; of: string }

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
  /** It is told in a digest. */
  digest?: number
}

/** Slack: one message per second per channel; the extra tenth is for network time. https://docs.slack.dev/apis/web-api/rate-limits */
export const PACE_MS = 1100

/** Slack: at least 50 edits a minute for the whole app. https://docs.slack.dev/reference/methods/chat.update */
export const EDIT_MS = 1200

export interface View {
  subjects: readonly Subject[]
  notices: readonly Notice[]
  told: ReadonlyMap<string, Told>
  /** Messages that are another incident's from now on: they are not edited before, and that incident posts none. */
  passing?: ReadonlyMap<string, string>
  /** What was tried in vain waits for what was not. */
  behind: ReadonlySet<string>
  /** When each lane is free again, in ms. */
  freeAt: Record<Lane, number>
}

export type Plan = { job: Job } | { waitMs: number; isRefused: boolean; of: string }

/** Undefined if nothing is left to tell. `isRefused`: it waits because that message was refused, else for the pace. */
export function plan(view: View, now: number): Plan | undefined {
  const jobs = jobsOf(view)
  let first: (Plan & { at: number }) | undefined
  let behind: Job | undefined
  for (const job of jobs) {
    const { at, isRefused, isGivenUp } = when(job, view)
    if (at <= now) {
      if (!view.behind.has(job.of)) return { job }
      behind ??= job
    } else if (!isGivenUp && (!first || at < first.at)) first = { at, waitMs: at - now, isRefused, of: job.of }
  }
  if (behind) return { job: behind }
  if (!first) return undefined
  const { at: _, ...wait } = first
  return wait
}

function when(job: Job, { told, freeAt, subjects, notices }: View) {
  const refused = told.get(job.of)?.refused?.[job.do]
  if (!refused || refused.until <= freeAt[job.lane]) return { at: freeAt[job.lane], isRefused: false, isGivenUp: false }
  const change = subjects.find(({ id }) => id === job.of)?.change ?? notices.find(({ of }) => of === job.of)?.count ?? 0
  return { at: refused.until, isRefused: true, isGivenUp: isGivenUp(refused, change) }
}

interface Standing {
  subject: Subject
  told: Told
}

function jobsOf({ subjects, notices, told: all, passing = new Map() }: View): Job[] {
  const shown = subjects.map((subject): Standing => ({ subject, told: all.get(subject.id) ?? UNTOLD })).filter(isShown)
  const heirs = new Set(passing.values())
  const posts = shown
    .filter(({ told, subject }) => told.ref === undefined && !heirs.has(subject.id))
    .sort((a, b) => byUrgency(a.subject, b.subject))
  const posted = shown.filter(({ told }) => told.ref !== undefined)
  const edits = posted.filter(({ told, subject }) => told.shown !== subject.change && !passing.has(subject.id))
  const otherStatus = edits.filter(({ told, subject }) => told.as !== subject.status)
  const job =
    (does: Job['do'], lane: Lane) =>
    ({ subject }: Standing): Job => ({ do: does, lane, of: subject.id })
  const digests = notices.filter(({ digest }) => digest).flatMap((notice) => noticeJobs(notice, all))
  return [
    ...posts.filter(isCritical).map(job('post', 'post')),
    ...digests.filter(({ do: does }) => does === 'post'),
    ...posts.filter((standing) => !isCritical(standing)).map(job('post', 'post')),
    ...otherStatus.sort(longestWaiting).map(job('update', 'edit')),
    ...digests.filter(({ do: does }) => does === 'reply'),
    ...posted.filter(hasHistory).sort(longestWaiting).map(job('reply', 'post')),
    ...[...edits.map(job('update', 'edit')), ...digests.filter(({ do: does }) => does === 'update')].sort(
      (a, b) => lastSent(all.get(a.of) ?? UNTOLD) - lastSent(all.get(b.of) ?? UNTOLD),
    ),
    ...notices.filter(({ digest }) => !digest).flatMap((notice) => noticeJobs(notice, all)),
  ]
}

const isCritical = ({ subject }: Standing): boolean => subject.severity === 'critical'

/** An incident that is told in a digest, or became part of another before it was told, has no message, unless it was posted all the same. */
function isShown({ subject, told: { ref, sending, isLost } }: Standing): boolean {
  if (subject.isHeld) return false
  const isSent = ref !== undefined || sending !== undefined || isLost === true
  return isSent || (subject.status !== 'merged' && subject.digest === undefined)
}

const longestWaiting = ({ told: a }: Standing, { told: b }: Standing): number => lastSent(a) - lastSent(b)
const lastSent = ({ sentAt }: Told): number => Math.max(sentAt?.post ?? 0, sentAt?.edit ?? 0)

export const hasHistory = ({ subject, told }: Standing): boolean => subject.news > told.threaded

/** The place shows what is true of it. */
export const isTold = (subject: Subject, told: Told): boolean => {
  const standing = { subject, told }
  return !isShown(standing) || (told.ref !== undefined && told.shown === subject.change && !hasHistory(standing))
}

/** One that has no message to wait for, to link to or to pass on, and of which all is said. While a place is up to date most are. */
export const isQuiet = (subject: Subject & { places: readonly string[] }, told: Told | undefined): boolean =>
  subject.places.length === 1 &&
  subject.status !== 'merged' &&
  (told?.ref !== undefined || subject.digest !== undefined) &&
  isTold(subject, told ?? UNTOLD)

function noticeJobs({ of, count, calls, digest, isEmpty }: Notice, all: View['told']): Job[] {
  const { ref, shown, threaded } = all.get(of) ?? UNTOLD
  if (ref === undefined) return shown === count || isEmpty ? [] : [{ do: 'post', lane: 'post', of }]
  return [
    ...(shown === count ? [] : [{ do: 'update', lane: 'edit', of } as const]),
    // Nobody is called to what is over.
    ...(threaded < calls && digest?.open.length !== 0 ? [{ do: 'reply', lane: 'post', of } as const] : []),
  ]
}
