// What holds a runbook back: the switch, the lock on its target, the cooldown, the caps.
import type { Draft } from '../incident/draft.ts'
import { clock, duration, plural } from '../words/words.ts'
import type { Run, RunRecord } from '../incident/run.ts'
import { historyOf } from './runs.ts'

const HOUR_MS = 3_600_000

/** Why nothing may touch this target now; undefined if the run may. */
export function whyBarred({ board, rules, now }: Draft, run: Run, lock: string): string | undefined {
  const { remediation, timeZone } = rules.config
  const at = (ms: number): string => clock(ms, timeZone)
  const { stopped } = board.remediation ?? {}
  if (remediation.stopped) return 'runbooks are switched off in the config'
  if (stopped) return `${stopped.by.name} stopped all runbooks at ${at(stopped.at)}`
  const others = historyOf(board).filter((record) => record.run !== run.id)
  const same = others.filter((record) => record.lock === lock)
  const busy = busyIn(same)
  if (busy !== undefined) return busy
  const rests = Math.max(0, ...same.map(({ endedAt = 0 }) => endedAt)) + remediation.cooldownSeconds * 1000
  if (rests > now)
    return `its target is in cooldown until ${at(rests)}, ${duration(remediation.cooldownSeconds * 1000)} after the last run`
  if (same.filter(({ startedAt }) => startedAt > now - HOUR_MS).length >= remediation.perHour)
    return `its target had ${plural(remediation.perHour, 'run')} within an hour`
  return undefined
}

const busyIn = (records: readonly RunRecord[]): string | undefined => {
  const busy = records.find(({ endedAt }) => endedAt === undefined)
  return busy && `${busy.runbook} (${busy.run}) is already working on the same target`
}

/** Who holds the lock. */
export const busyWith = ({ board }: Draft, lock: string): string | undefined =>
  busyIn(historyOf(board).filter((record) => record.lock === lock))

/** Why a run that may run by itself asks first anyway. */
export function whyAsk(draft: Draft, run: Run, lock: string): string | undefined {
  const { autoPerHour } = draft.rules.config.remediation
  const recent = historyOf(draft.board).filter(
    ({ mode, startedAt, run: other }) => mode === 'auto' && startedAt > draft.now - HOUR_MS && other !== run.id,
  )
  if (recent.length >= autoPerHour) return `${plural(recent.length, 'automatic run')} within an hour already`
  return whyBarred(draft, run, lock)
}
