// What holds a runbook back: the switch, the lock of its target, the cooldown, the caps.
import type { Draft } from '../incident/draft.ts'
import { clock, duration } from '../words/words.ts'
import type { Run } from '../incident/run.ts'
import { historyOf } from './runs.ts'

const HOUR_MS = 3_600_000

/** Why nothing may touch this target now: the switch, the lock, the cooldown, the caps. */
export function whyBarred({ board, rules, now }: Draft, run: Run, lock: string): string | undefined {
  const { remediation, timeZone } = rules.config
  const at = (ms: number): string => clock(ms, timeZone)
  const { stopped } = board.remediation ?? {}
  if (remediation.stopped) return 'runbooks are switched off in the config'
  if (stopped) return `${stopped.by.name} stopped all runbooks at ${at(stopped.at)}`
  const others = historyOf(board).filter((record) => record.run !== run.id)
  const same = others.filter((record) => record.lock === lock)
  const busy = same.find(({ endedAt }) => endedAt === undefined)
  if (busy) return `${busy.runbook} (${busy.run}) works on the same target`
  const rests = Math.max(0, ...same.map(({ endedAt = 0 }) => endedAt)) + remediation.cooldownSeconds * 1000
  if (rests > now)
    return `its target rests until ${at(rests)}, ${duration(remediation.cooldownSeconds * 1000)} after the last run`
  if (same.filter(({ startedAt }) => startedAt > now - HOUR_MS).length >= remediation.perHour)
    return `its target had ${remediation.perHour} runs within an hour`
  return undefined
}

/** Why one that may run by itself asks first all the same. */
export function whyAsk(draft: Draft, run: Run, lock: string): string | undefined {
  const { autoPerHour } = draft.rules.config.remediation
  const recent = historyOf(draft.board).filter(
    ({ mode, startedAt, run: other }) => mode === 'auto' && startedAt > draft.now - HOUR_MS && other !== run.id,
  )
  if (recent.length >= autoPerHour) return `there were ${recent.length} automatic runs within an hour`
  return whyBarred(draft, run, lock)
}
