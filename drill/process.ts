// Runs runbooks as Lambda would: durably and, if the drill says so, in processes that die midway and are started again.
import type { RunOrder } from '../lambda/ports/runs.ts'
import type { Runtime } from '../lambda/ports/runtime.ts'
import type { Tools } from '../lambda/ports/tools.ts'
import { remediate } from '../lambda/stages/remediate.ts'
import type { Runbook } from '../lambda/runbooks/runbook.ts'
import { durably } from '../replay/journal.ts'
import { Died, processOf, wrapped, type Mortality } from './world/faults.ts'

/** `mortality` unset: nothing dies. */
export const perform = (
  runtime: Runtime,
  runbooks: ReadonlyMap<string, Runbook>,
  order: RunOrder,
  mortality?: Mortality,
): Promise<void> =>
  durably(
    runtime.clock,
    (journal) => remediate(mortality ? mortal(runtime, mortality) : runtime, journal, runbooks, order),
    (error) => error instanceof Died,
  )

/** A process of its own. */
function mortal(runtime: Runtime, mortality: Mortality): Runtime {
  const around = processOf(mortality)
  const mortalTools = (tools: Tools): Tools => ({
    ...tools,
    cloud: wrapped('cloud', tools.cloud, around),
    broker: wrapped('broker', tools.broker, around),
    evidence: wrapped('evidence', tools.evidence, around),
    // A dead process does not wait either.
    pause: async (seconds) => void (await around({ name: 'pause' }, () => tools.pause(seconds))),
  })
  return {
    ...runtime,
    table: wrapped('table', runtime.table, around),
    notices: wrapped('notices', runtime.notices, around),
    timers: wrapped('timers', runtime.timers, around),
    runs: wrapped('runs', runtime.runs, around),
    tools: (target, runbook) => mortalTools(runtime.tools(target, runbook)),
  }
}
