// What a run leaves to do: looked at again and again until it is done, by a person, by itself, or with a button.
import type { Clock, Due } from '../due/clock.ts'
import type { Draft } from '../incident/draft.ts'
import type { Person } from '../incident/person.ts'
import type { Leftover, Remainder, Run } from '../incident/run.ts'
import { cut } from '../words/words.ts'
import { busyWith } from './bounds.ts'
import { editRun, findRun, historyOf, remember, type Found } from './runs.ts'

const TEXT_MOST = 500
/** An execution that has not begun within this time is ordered anew; Lambda ends one after a day. */
const BEGINS_MS = 120_000
const WATCHES_MS = 86_400_000

/** What one look found. */
export interface LeftNow {
  items: Leftover[]
  /** The one that is to end by itself now. */
  ends?: string
}

/** Notes what a run leaves when it ends, and orders that it is watched. */
export function leave(run: Run, { items }: LeftNow, about: unknown, now: number): void {
  if (items.length > 0) run.left = { items: items.map(shortened), about, attempt: 1, orderedAt: now }
}

const shortened = (item: Leftover): Leftover => ({ ...item, text: cut(item.text, TEXT_MOST) })

/** An execution has to be started for it. */
export const isOrderedFor = ({ attempt, begun }: Remainder): boolean => begun !== attempt

export const leftovers: Clock = (incident) =>
  (incident.runs ?? []).flatMap((run): Due[] => {
    const { left } = run
    if (!left) return []
    const found = { incident, run }
    if (left.doing) return [{ at: left.doing.until, act: (draft) => lose(draft, found) }]
    const within = isOrderedFor(left) ? BEGINS_MS : WATCHES_MS
    return [{ at: left.orderedAt + within, act: (draft) => orderWatch(draft, found) }]
  })

function orderWatch(draft: Draft, found: Found): void {
  const run = editRun(draft, found)
  run.left = { ...run.left!, attempt: run.left!.attempt + 1, orderedAt: draft.now }
}

/** The execution has begun. False if it is not wanted any more. */
export function watchBegins(draft: Draft, id: string, attempt: number): boolean {
  const found = own(draft, id, attempt)
  if (!found) return false
  if (found.left.begun !== attempt) editRun(draft, found).left = { ...found.left, begun: attempt }
  return true
}

/** It has watched for as long as an execution may: the next one goes on. */
export function watchAgain(draft: Draft, id: string, attempt: number): void {
  const found = own(draft, id, attempt)
  if (found && !found.left.doing) orderWatch(draft, found)
}

/** By which its lock is known while it is done. */
const nameOf = (run: Run, id: string): string => `${run.id} ${id}`

/** Why it cannot be done now. `by` is unset where it ends by itself; `withinSeconds`: it counts as lost after that. */
export function orderDoing(
  draft: Draft,
  found: Found,
  { id, by, withinSeconds }: { id: string; by?: Person; withinSeconds: number },
): string | undefined {
  const { left, lock } = found.run
  const item = left?.items.find((one) => one.id === id)
  if (!left || !item) return 'That is done already.'
  if (left.doing) return `Something of it is being done already, since ${left.doing.by?.name ?? 'it ends by itself'}.`
  const busy = lock === undefined ? undefined : busyWith(draft, lock)
  if (busy !== undefined) return `Not now: ${busy}.`
  const run = editRun(draft, found)
  const { failed: _, ...rest } = left
  const { now } = draft
  run.left = {
    ...rest,
    attempt: left.attempt + 1,
    orderedAt: now,
    doing: { id, at: now, until: now + withinSeconds * 1000, ...(by && { by }) },
  }
  if (lock !== undefined)
    remember(draft, { run: nameOf(run, id), runbook: run.runbook, lock, mode: run.mode, startedAt: now })
  return undefined
}

/** Nothing of it stays in the history: no cooldown, and no cap counts it. */
function free(draft: Draft, name: string): void {
  const history = historyOf(draft.board).filter(({ run }) => run !== name)
  draft.board.remediation = { ...draft.board.remediation, history }
}

const lose = (draft: Draft, found: Found): void =>
  done(draft, found, { failed: 'it did not end in time, and nobody knows how far it got' })

/** The one that was being done has ended. `text`: what was achieved. */
function done(draft: Draft, found: Found, went: { text: string } | { failed: string }): void {
  const run = editRun(draft, found)
  const { doing, ...rest } = run.left!
  if (!doing) return
  const item = rest.items.find(({ id }) => id === doing.id)
  run.left = {
    ...rest,
    ...('failed' in went && { failed: { id: doing.id, why: cut(went.failed, TEXT_MOST) } }),
    // Whoever watched has stopped for it.
    attempt: rest.attempt + 1,
    orderedAt: draft.now,
  }
  free(draft, nameOf(run, doing.id))
  const what = item?.offer?.label ?? item?.text ?? doing.id
  const words = 'failed' in went ? `could not be done: ${went.failed}` : went.text
  draft.note(found.incident.id, { at: draft.now, kind: 'left', text: `${what}: ${words}`, run: run.id })
}

const own = (draft: Draft, id: string, attempt: number): (Found & { left: Remainder }) | undefined => {
  const found = findRun(draft.board, id)
  return found?.run.left?.attempt === attempt ? { ...found, left: found.run.left } : undefined
}

/** How far the one is that is being done. */
export function doingIs(draft: Draft, id: string, attempt: number, text: string): void {
  const found = own(draft, id, attempt)
  if (!found?.left.doing || found.left.doing.text === text) return
  const run = editRun(draft, found)
  run.left = { ...found.left, doing: { ...found.left.doing, text: cut(text, TEXT_MOST) } }
}

export function doingEnded(
  draft: Draft,
  id: string,
  attempt: number,
  went: { text: string } | { failed: string },
): void {
  const found = own(draft, id, attempt)
  if (found?.left.doing) done(draft, found, went)
}

/** What is left now; what is not any more was done by somebody. `withinSeconds`: of what is to end by itself. */
export function leftIs(
  draft: Draft,
  id: string,
  attempt: number,
  { items, ends, withinSeconds }: LeftNow & { withinSeconds: number },
): void {
  const found = own(draft, id, attempt)
  if (!found) return
  const run = editRun(draft, found)
  const gone = found.left.items.filter((before) => items.every((item) => item.id !== before.id))
  run.left = { ...found.left, items: items.map(shortened) }
  for (const { text } of gone)
    draft.note(found.incident.id, { at: draft.now, kind: 'left', text: `No longer left to do: ${text}`, run: run.id })
  if (items.length === 0) delete run.left
  // What could not be ended is not tried again and again.
  else if (ends !== undefined && found.left.failed?.id !== ends)
    orderDoing(draft, { incident: draft.get(found.incident.id), run }, { id: ends, withinSeconds })
}
