// Whether a run helped: the alarms have recovered, and the metric itself says so.
import { signalsOf } from '../../core/remediate/propose.ts'
import { findRun, firingAnywhere } from '../../core/remediate/runs.ts'
import { Refused } from '../../ports/tools.ts'
import type { Runbook } from '../../runbooks/runbook.ts'
import { look } from '../../store/board.ts'
import { settleOf, verifyAgainAfter, verifyOf } from './pace.ts'
import { hasFailed, tried, type Running } from './running.ts'

interface Health {
  ok: boolean
  text: string
}

/** Looks until it helped, or the time for that has passed. */
export async function verify(run: Running, runbook: Runbook, facts: unknown): Promise<Health> {
  const { journal, runtime, about } = run
  const within = verifyOf(runbook)
  await journal.wait('settle', settleOf(runbook))
  let first: number | undefined
  for (let count = 1; ; count++) {
    const saw = await tried(run, `verify ${count}`, () => isHealthy(run, runbook, facts))
    if (!hasFailed(saw) && saw.ok) return { ok: true, text: saw.text }
    first ??= saw.at
    const elapsed = (saw.at - first) / 1000
    if (elapsed >= within) {
      const text = hasFailed(saw) ? saw.failed : saw.text
      return { ok: false, text: `${runtime.rules.titleOf(about.service)} is not healthy ${within} s later: ${text}` }
    }
    await journal.wait(`verify ${count} wait`, verifyAgainAfter(elapsed))
  }
}

async function isHealthy(run: Running, runbook: Runbook, facts: unknown): Promise<Health & { at: number }> {
  const { runtime, tools, about, order } = run
  const at = runtime.clock.now()
  const firing = await look(runtime.table, (board) => {
    const found = findRun(board, order.run)
    return firingAnywhere(board, about.service, found && signalsOf(found.run, runtime.rules))
  })
  try {
    const { ok, text } = await runbook.healthy(tools, about, facts)
    if (!ok || firing.length === 0) return { ok, text, at }
    return { ok: false, text: `${text}, but its ${firing.join(' and ')} alarm fires`, at }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ok: false, text: error.message, at }
  }
}
