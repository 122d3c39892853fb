// What should be sent to Slack next? One thing at a time: new incidents first, then changes of status, then history, then numbers.
import { SEVERITIES } from '../facts/signals.ts'
import type { Board } from '../incident/board.ts'
import type { Incident } from '../incident/incident.ts'
import type { SlackState } from './ledger.ts'

export type Lane = 'post' | 'edit'

/** `of`: an incident's id, or `unreadable`. */
export type Job = { lane: Lane; do: 'post' | 'reply' | 'update'; of: string }

export const UNREADABLE = 'unreadable'

/** Slack: one message per second per channel; the extra tenth is for network time. https://docs.slack.dev/apis/web-api/rate-limits */
export const PACE_MS = 1100

export type Plan = { job: Job } | { waitMs: number }

/**
 * `lastSent`: when each message was last sent, so that all take turns. `refused`: what Slack refuses, so that it does not hold up the rest.
 * Undefined if nothing is left to send.
 */
export function plan(
  board: Board,
  now: number,
  lastSent: ReadonlyMap<string, number>,
  refused: ReadonlyMap<string, string> = new Map(),
): Plan | undefined {
  const jobs = jobsOf(board, lastSent).filter(({ of }) => !refused.has(of))
  if (jobs.length === 0) return undefined
  const readyAt = (lane: Lane): number => (board.paced?.[lane] ?? 0) + PACE_MS
  const ready = jobs.find(({ lane }) => readyAt(lane) <= now)
  return ready ? { job: ready } : { waitMs: Math.min(...jobs.map(({ lane }) => readyAt(lane))) - now }
}

function jobsOf(board: Board, lastSent: ReadonlyMap<string, number>): Job[] {
  const incidents = Object.values(board.incidents).filter(isShown)
  const posts = incidents.filter(({ slack }) => slack.ts === undefined).sort(byUrgency)
  const posted = incidents.filter(({ slack }) => slack.ts !== undefined)
  const edits = posted.filter(({ slack, change }) => slack.shown !== change)
  const otherStatus = edits.filter(({ slack, status }) => slack.as !== status)
  const longestWaiting = (a: Incident, b: Incident): number => (lastSent.get(a.id) ?? 0) - (lastSent.get(b.id) ?? 0)
  const job = (does: Job['do'], lane: Lane) => (incident: Incident) => ({ do: does, lane, of: incident.id })
  return [
    ...posts.map(job('post', 'post')),
    ...otherStatus.sort(longestWaiting).map(job('update', 'edit')),
    ...posted.filter(hasHistory).sort(longestWaiting).map(job('reply', 'post')),
    ...edits.sort(longestWaiting).map(job('update', 'edit')),
    ...unreadableJob(board),
  ]
}

/** Nobody is bothered with an incident that is held, or that was over before it was told. */
function isShown(incident: Incident): boolean {
  if (incident.status === 'held' || incident.heldUntil !== undefined) return false
  return incident.status !== 'merged' || incident.slack.ts !== undefined
}

function byUrgency(a: Incident, b: Incident): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1)
  )
}

const hasHistory = ({ news = 0, slack }: Incident): boolean => news > slack.threaded

/** Slack does not show what is true of it now. */
export const isUntold = (incident: Incident): boolean =>
  isShown(incident) &&
  (incident.slack.ts === undefined || incident.slack.shown !== incident.change || hasHistory(incident))

function unreadableJob({ unreadable }: Board): Job[] {
  if (!unreadable || unreadable.slack.shown === unreadable.count) return []
  return unreadable.slack.ts === undefined
    ? [{ do: 'post', lane: 'post', of: UNREADABLE }]
    : [{ do: 'update', lane: 'edit', of: UNREADABLE }]
}

export const slackOf = (board: Board, of: string): SlackState | undefined =>
  of === UNREADABLE ? board.unreadable?.slack : board.incidents[of]?.slack
