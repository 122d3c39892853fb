// What a click on a proposed runbook means, and whether this person may.
import type { Draft } from '../incident/draft.ts'
import type { Person } from '../incident/person.ts'
import { clock } from '../words/words.ts'
import { whyNotNeeded, withdraw } from './propose.ts'
import type { Rules } from '../services/rules.ts'
import { isPending, isUnderWay, type Run } from '../incident/run.ts'
import { editRun, historyOf, moveRun, type Found } from './runs.ts'
import { whyBarred } from './bounds.ts'

/** Returns what to tell the person if nothing was done. */
export function approve(draft: Draft, found: Found, who: Person, rules: Rules, now: number): string | undefined {
  const { run, incident } = found
  if (run.status !== 'proposed') return whereItIs(run, rules)
  const recovered = whyNotNeeded(found, rules)
  if (recovered !== undefined) {
    withdraw(draft, found, recovered, now)
    return `Nothing was run: ${recovered}.`
  }
  if (run.approvals.some(({ by }) => by.id === who.id)) return `You have approved it already; it needs ${run.needed}.`
  if (run.destructive && run.needed > 1 && run.askedBy?.id === who.id)
    return 'You asked for it, and it removes something: two others have to approve it.'
  const barred = whyBarred(draft.board, run, run.lock ?? '', rules, now)
  if (barred !== undefined) return `Nothing was run: ${barred}.`
  const edited = editRun(draft, found)
  edited.approvals = [...run.approvals, { by: who, at: now }]
  const has = edited.approvals.length
  const quorum = run.needed > 1 ? ` (${has} of ${run.needed})` : ''
  draft.note(incident.id, now, 'approved', `${run.title}: approved by ${who.name}${quorum}`)
  if (has < run.needed) return undefined
  order(draft, { incident: draft.get(incident.id), run: edited }, now)
  return undefined
}

/** Its execution is to begin. */
export function order(draft: Draft, found: Found, now: number): void {
  const run = moveRun(draft, found, 'approve')!
  Object.assign(run, { approvedAt: now, orderedAt: now })
  delete run.why
}

export function reject(draft: Draft, found: Found, who: Person, rules: Rules, now: number): string | undefined {
  const run = moveRun(draft, found, 'reject')
  if (!run) return whereItIs(found.run, rules)
  Object.assign(run, { why: `rejected by ${who.name}`, endedAt: now })
  draft.note(found.incident.id, now, 'rejected', `${run.title}: rejected by ${who.name}`)
  return undefined
}

/** Looks anew at what it would do: also at one that was withdrawn or has expired. */
export function dryRun(draft: Draft, found: Found, who: Person, rules: Rules, now: number): string | undefined {
  const { stopped } = rules.config.remediation
  if (stopped) return 'Runbooks are switched off in the config (remediation.stopped).'
  const run = moveRun(draft, found, 'look-again')
  if (!run) return whereItIs(found.run, rules)
  run.attempt += 1
  Object.assign(run, { orderedAt: now, createdAt: now, approvals: [], askedBy: run.askedBy ?? who })
  // A person wants to look: it does not run by itself.
  run.mode = 'suggest'
  for (const key of ['why', 'endedAt', 'proposedAt'] as const) delete run[key]
  return undefined
}

export function stopAll(draft: Draft, incident: string, who: Person, rules: Rules, now: number): string | undefined {
  const { stopped } = draft.board.remediation ?? {}
  if (stopped)
    return `${stopped.by.id === who.id ? 'You have' : `${stopped.by.name} has`} stopped them already, at ${clock(stopped.at, rules.config.timeZone)}.`
  draft.board.remediation = { history: historyOf(draft.board), stopped: { by: who, at: now } }
  draft.note(incident, now, 'stopped', `${who.name} stopped all runbooks: what runs ends after its step`)
  return undefined
}

export function startAll(draft: Draft, incident: string, who: Person, now: number): string | undefined {
  if (!draft.board.remediation?.stopped) return 'Runbooks may run: nobody has stopped them.'
  draft.board.remediation = { history: historyOf(draft.board) }
  draft.note(incident, now, 'stopped', `${who.name} lets runbooks run again`)
  return undefined
}

function whereItIs(run: Run, rules: Rules): string {
  const zone = rules.config.timeZone
  const last = run.approvals.at(-1)
  if (isPending(run) && run.status === 'looking') return `${run.title} is looking first: a moment, please.`
  if (run.status === 'approved' || isUnderWay(run))
    return last
      ? `${last.by.name} has approved it already, at ${clock(last.at, zone)}: it is under way.`
      : 'It is under way by itself.'
  const when = run.endedAt === undefined ? '' : ` at ${clock(run.endedAt, zone)}`
  return `Nothing was run: it ${ENDED[run.status] ?? run.status}${when}${run.why === undefined ? '' : `: ${run.why}`}.`
}

const ENDED: Partial<Record<Run['status'], string>> = {
  succeeded: 'has run already',
  failed: 'has run already and did not help',
  rejected: 'was rejected',
  expired: 'has expired',
  withdrawn: 'was withdrawn',
}
