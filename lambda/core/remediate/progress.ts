// A run from its first look to its end: notes on the board what its execution found and did.
import { whyAsk, whyBarred } from './bounds.ts'
import type { Board } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import type { EntryKind } from '../incident/timeline.ts'
import type { Config } from '../services/config.ts'
import { cut, duration, plural } from '../words/words.ts'
import { whyNotNeeded, withdraw } from './withdraw.ts'
import { isUnderWay, type PlannedStep, type Run, type RunStep, type Scope } from '../incident/run.ts'
import { leave, type LeftNow } from './left.ts'
import { whyAskAgain } from './scope.ts'
import { editRun, findRun, historyOf, moveRun, order, remember, type Found } from './runs.ts'

const DAY_MS = 86_400_000
/** The longest text of a recipe that is kept on the board. */
const TEXT_MOST = 500
const CALLS_MOST = 20

export interface Seen {
  found: string
  stop?: string
  steps: PlannedStep[]
  lock: string
  scope: Scope
  /** See `Look`. */
  needs?: Record<string, number>
  /** Why what was approved is over, although something else can be done. */
  again?: string
}

const planOf = ({ found, steps, scope }: Seen, at: number): NonNullable<Run['plan']> => ({
  at,
  found: cut(found, TEXT_MOST),
  steps: steps.map(shortened),
  scope,
})

/** Takes in what the look found: the run is proposed, goes ahead by itself if it may, or is withdrawn. */
export function seen(draft: Draft, id: string, attempt: number, look: Seen): void {
  const { rules, now } = draft
  const found = findRun(draft.board, id)
  if (found?.run.status !== 'looking' || found.run.attempt !== attempt) return
  const why = whyNotNeeded(found, rules) ?? look.stop
  if (why !== undefined) return withdraw(draft, found, why)
  const run = editRun(draft, found)
  run.lock = look.lock
  run.plan = planOf(look, now)
  const at = { incident: draft.get(found.incident.id), run }
  const ask = run.mode === 'auto' ? whyAsk(draft, run, look.lock) : undefined
  if (run.mode === 'auto' && ask === undefined) {
    note(draft, at, 'proposed', `runs by itself: ${run.plan.found}`)
    return order(draft, at)
  }
  const proposed = moveRun(draft, at, 'propose')!
  proposed.proposedAt = now
  if (ask !== undefined) proposed.why = `it asks first: ${ask}`
  note(draft, at, 'proposed', `is proposed: ${run.plan.found}`)
}

/** Adds a timeline entry that begins with the runbook's title. */
function note(draft: Draft, { run, incident }: Found, kind: EntryKind, text: string): void {
  draft.note(incident.id, { at: draft.now, kind, text: `${run.title} ${text}`, run: run.id })
}

const shortened = ({ name, touches, calls, back }: PlannedStep): PlannedStep => ({
  name: cut(name, TEXT_MOST),
  touches: cut(touches, TEXT_MOST),
  calls: calls.slice(0, CALLS_MOST).map((call) => cut(call, TEXT_MOST)),
  ...(back !== undefined && { back: cut(back, TEXT_MOST) }),
})

/** Takes the lock. False if the run must not act, or another execution acts. Called again by the same execution, true again. */
export function begin(
  draft: Draft,
  id: string,
  { attempt, look, mostSeconds }: { attempt: number; look: Seen; mostSeconds: number },
): boolean {
  const { rules, now } = draft
  const found = findRun(draft.board, id)
  if (!found) return false
  if (isUnderWay(found.run)) return found.run.owner === attempt
  if (found.run.status !== 'approved' || found.run.attempt !== attempt) return false
  const why = whyNotNeeded(found, rules) ?? look.stop
  if (why !== undefined) {
    withdraw(draft, found, why)
    return false
  }
  const barred = whyBarred(draft, found.run, look.lock)
  if (barred !== undefined) return askAgain(draft, found, { why: barred, text: `waits for a person: ${barred}` })
  const other = look.again ?? whyAskAgain(found.run.plan?.scope, look)
  if (other !== undefined)
    return askAgain(draft, found, {
      why: `it asks again: ${other}`,
      text: `asks again: ${other}. Now ${look.found}`,
      plan: planOf(look, now),
    })
  const run = moveRun(draft, found, 'begin')!
  Object.assign(run, { owner: attempt, startedAt: now, lock: look.lock, deadline: now + mostSeconds * 1000 })
  remember(draft, { run: run.id, runbook: run.runbook, lock: look.lock, mode: run.mode, startedAt: now })
  return true
}

function askAgain(
  draft: Draft,
  found: Found,
  { why, text, plan }: { why: string; text: string; plan?: Run['plan'] },
): false {
  const run = moveRun(draft, found, 'propose')!
  Object.assign(run, { approvals: [], proposedAt: draft.now, why, ...(plan && { plan }) })
  note(draft, found, 'proposed', text)
  return false
}

/** Why the execution must halt: somebody stopped everything, or the run is no longer its own. */
export function whyHalt(board: Board, id: string, attempt: number, config: Config): string | undefined {
  const found = findRun(board, id)
  if (!found || !isUnderWay(found.run) || found.run.owner !== attempt) return 'it is not under way any more'
  if (config.remediation.stopped) return 'runbooks are switched off in the config'
  const { stopped } = board.remediation ?? {}
  return stopped && `${stopped.by.name} stopped all runbooks`
}

/** Notes how far a step is. Noting the same again changes nothing. */
export function stepIs(draft: Draft, id: string, place: number, step: RunStep): void {
  const found = findRun(draft.board, id)
  if (!found || !isUnderWay(found.run)) return
  const before = found.run.steps[place]
  const text = step.text === undefined ? undefined : cut(step.text, TEXT_MOST)
  if (before && before.status === step.status && before.text === text) return
  const run = editRun(draft, found)
  const next: RunStep = {
    ...step,
    name: before?.name ?? step.name,
    at: before?.at ?? step.at,
    ...(text !== undefined && { text }),
  }
  run.steps = [...run.steps.slice(0, place), next, ...run.steps.slice(place + 1)]
  if (step.status === 'running') return
  const took = duration((step.endedAt ?? next.at) - next.at)
  const words = step.status === 'undone' ? 'taken back' : step.status
  const reached = `${run.title}: ${step.name}, ${words} in ${took}${text === undefined ? '' : `: ${text}`}`
  draft.note(found.incident.id, { at: step.endedAt ?? next.at, kind: 'acted', text: reached, run: run.id })
}

/** All steps are done; what is left is to see whether they helped. */
export function acted(draft: Draft, id: string): void {
  const found = findRun(draft.board, id)
  const run = found && moveRun(draft, found, 'acted')
  if (run) run.actedAt = draft.now
}

/** `left`: what it leaves to do, and what is needed to look at that again. */
export function finish(
  draft: Draft,
  id: string,
  { ok, text, left }: { ok: boolean; text: string; left?: { now: LeftNow; about: unknown } },
): void {
  const { now } = draft
  const found = findRun(draft.board, id)
  const run = found && moveRun(draft, found, ok ? 'succeed' : 'fail')
  if (!run) return
  Object.assign(run, { endedAt: now, why: cut(text, TEXT_MOST) })
  if (left) leave(run, left.now, left.about, now)
  const record = historyOf(draft.board).find((one) => one.run === run.id)
  if (record) remember(draft, { ...record, endedAt: now, ok })
  if (!ok)
    return note(
      draft,
      found,
      'handed over',
      `${run.actedAt === undefined ? 'could not finish' : 'did not help'}: ${text}. Tried: ${tried(run)}. Please take over`,
    )
  const since = run.startedAt === undefined ? '' : `, ${duration(now - run.startedAt)} after it began`
  note(draft, found, 'verified', `helped${since}: ${text}`)
  tellRecurrence(draft, found)
}

const tried = ({ steps }: Run): string =>
  steps.length === 0 ? 'nothing' : steps.map(({ name, status }) => `${name} (${status})`).join('; ')

/** A fix that works again and again hides the real fault. */
function tellRecurrence(draft: Draft, { run, incident }: Found): void {
  const { rules, now } = draft
  const { times, days } = rules.config.remediation.recurrence
  const worked = historyOf(draft.board).filter(
    ({ runbook, lock, ok, startedAt }) =>
      ok === true && runbook === run.runbook && lock === run.lock && startedAt > now - days * DAY_MS,
  )
  if (worked.length < times) return
  const often = `worked ${plural(worked.length, 'time')} within ${plural(days, 'day')}`
  note(draft, { run, incident }, 'recurring', `${often}: somebody should fix the root cause`)
}
