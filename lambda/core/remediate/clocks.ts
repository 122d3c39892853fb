// What falls due for a run: it is no longer needed, nobody approved it, its execution did not begin, or did not end.
import type { Clock, Due } from '../due/clock.ts'
import type { Draft } from '../incident/draft.ts'
import { isPending, isUnderWay, type Run } from '../incident/run.ts'
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
  const run = editRun(draft, found)
  run.attempt += 1
  run.orderedAt = draft.now
}

/** Its execution is lost. Its steps show what it did; a person takes over. */
const lose = (found: Found) => (draft: Draft) => {
  const run = moveRun(draft, found, 'fail')!
  run.why = 'it did not end in time: nobody knows how far its last step came'
  run.endedAt = run.deadline!
  const record = historyOf(draft.board).find((one) => one.run === run.id)
  if (record) remember(draft, { ...record, endedAt: run.endedAt, ok: false })
  const text = `${run.title} is lost: ${run.why}. Please take over`
  draft.note(found.incident.id, { at: run.endedAt, kind: 'handed over', text, run: run.id })
}
