// What falls due for a run: it is no longer needed, nobody approved it, its execution did not begin, or did not end.
import type { Clock, Due } from '../due/clock.ts'
import type { Draft } from '../incident/draft.ts'
import { isOrdered, isPending, isUnderWay, type Run } from '../incident/run.ts'
import type { Config } from '../services/config.ts'
import type { Rules } from '../services/rules.ts'
import { editRun, historyOf, moveRun, remember, type Found } from './runs.ts'
import { whyNotNeeded, withdraw } from './withdraw.ts'

/** An execution that has not begun within this time is started again, up to this many attempts. */
const RESTART_MS = 120_000
const MOST_ATTEMPTS = 5

export const runs: Clock = (incident, { rules }) =>
  (incident.runs ?? []).flatMap((run) => dueOf({ incident, run }, rules) ?? [])

function dueOf(found: Found, rules: Rules): Due | undefined {
  const { run } = found
  if (isUnderWay(run)) return run.deadline === undefined ? undefined : { at: run.deadline, act: lose(found) }
  if (!isPending(run)) return undefined
  const why = whyNotNeeded(found, rules)
  if (why !== undefined) return { act: (draft) => withdraw(draft, found, why) }
  if (run.status === 'proposed') return { at: expiresAt(run, rules.config), act: expire(found) }
  return { at: run.orderedAt + RESTART_MS, act: restart(found) }
}

export const expiresAt = (run: Run, config: Config): number =>
  (run.proposedAt ?? run.createdAt) + config.remediation.expirySeconds * 1000

const expire = (found: Found) => (draft: Draft) => {
  const run = moveRun(draft, found, 'expire')!
  run.why = 'nobody approved it in time'
  run.endedAt = expiresAt(run, draft.rules.config)
  const text = `${run.title}: the proposal has expired, nobody approved it`
  draft.note(found.incident.id, { at: run.endedAt, kind: 'withdrawn', text, run: run.id })
}

const restart = (found: Found) => (draft: Draft) => {
  if (found.run.attempt >= MOST_ATTEMPTS) return withdraw(draft, found, 'it could not be started')
  orderAgain(draft, found)
}

function orderAgain(draft: Draft, found: Found): void {
  const run = editRun(draft, found)
  run.attempt += 1
  run.orderedAt = draft.now
}

const TOO_LATE = 'it did not end in time: nobody knows how far its last step got'

const lose = (found: Found) => (draft: Draft) => abandon(draft, found, found.run.deadline!, TOO_LATE)

/** Nothing more is heard of its execution. Its steps show what it did; a person takes over. `at`: in ms. */
function abandon(draft: Draft, found: Found, at: number, why: string): void {
  const run = moveRun(draft, found, 'fail')!
  run.why = why
  run.endedAt = at
  const record = historyOf(draft.board).find((one) => one.run === run.id)
  if (record) remember(draft, { ...record, endedAt: at, ok: false })
  const text = `${run.title} is lost: ${why}. Please take over`
  draft.note(found.incident.id, { at, kind: 'handed over', text, run: run.id })
}

const UPGRADED =
  'Tocsin was upgraded while it ran. The version before may still take back what it did, and nothing of that is seen here'

/** Executions that 0.1.0 began do not find their runs any more: those under way are handed over, and those that wait to begin are ordered again. */
export function takeOverRuns(draft: Draft): void {
  for (const incident of Object.values(draft.board.incidents))
    for (const run of incident.runs ?? []) {
      const found = { incident: draft.get(incident.id), run }
      if (isUnderWay(run)) abandon(draft, found, draft.now, UPGRADED)
      else if (isOrdered(run)) orderAgain(draft, found)
    }
}
