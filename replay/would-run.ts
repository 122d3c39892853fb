// In a replay nothing runs: what would have begun is noted, and counts for cooldown and caps as a run would.
import type { Draft } from '../lambda/core/incident/draft.ts'
import { findRun, moveRun, remember } from '../lambda/core/remediate/runs.ts'

/** Why a replay ends a run that would have begun. */
export const ONLY_REPLAYED = 'a replay touches nothing'

/** In a replay: it would have begun. Counts for cooldown and caps as a run would. */
export function wouldRun(draft: Draft, id: string, lock: string, now: number): void {
  const found = findRun(draft.board, id)
  if (found?.run.status !== 'approved') return
  const run = moveRun(draft, found, 'reject')!
  Object.assign(run, { why: ONLY_REPLAYED, endedAt: now })
  remember(draft, { run: id, runbook: run.runbook, lock, mode: run.mode, startedAt: now, endedAt: now })
  draft.note(found.incident.id, now, 'acted', `${run.title} would have run here: ${ONLY_REPLAYED}`)
}
