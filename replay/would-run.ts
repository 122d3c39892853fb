// Nothing runs in a replay: a run that would have started is noted, and counts toward cooldown and caps as a real run would.
import type { Draft } from '../lambda/core/incident/draft.ts'
import { findRun, moveRun, remember } from '../lambda/core/remediate/runs.ts'

/** Why a replay ends a run that would have started. */
export const ONLY_REPLAYED = 'a replay touches nothing'

/** In a replay: it would have started. Counts toward cooldown and caps as a real run would. */
export function wouldRun(draft: Draft, id: string, lock: string): void {
  const { now } = draft
  const found = findRun(draft.board, id)
  if (found?.run.status !== 'approved') return
  const run = moveRun(draft, found, 'reject')!
  Object.assign(run, { why: ONLY_REPLAYED, endedAt: now })
  remember(draft, { run: id, runbook: run.runbook, lock, mode: run.mode, startedAt: now, endedAt: now })
  const text = `${run.title} would have run here: ${ONLY_REPLAYED}`
  draft.note(found.incident.id, { at: now, kind: 'acted', text, run: id })
}
