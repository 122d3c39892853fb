// Runs a runbook through the real stage, in a durable execution in memory, on the fakes' clock.
import type { Tools } from '../../lambda/ports/tools.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { durably } from '../../replay/journal.ts'
import { Died } from '../../drill/world/faults.ts'
import { runOf, type How, type Ran } from '../support/run.ts'
import type { Clock } from './fakes/cloud.ts'

export type { How, Ran }

export function drive(
  runbook: Runbook,
  about: Case<Record<string, unknown>>,
  tools: Tools,
  clock: Clock,
  how: How = {},
): Promise<Ran> {
  const now = () => clock.now
  const sleep = async (ms: number): Promise<void> => void (clock.now += ms)
  return runOf({ runbook, about, tools, clock }, how, (run) =>
    durably({ now, sleep }, run, (error) => error instanceof Died),
  )
}
