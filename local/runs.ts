// Runbooks on this machine: the real stage, durable, on the page's world instead of an AWS account.
import { Refused, type ToolsFor } from '../lambda/ports/tools.ts'
import type { RunOrder } from '../lambda/ports/runs.ts'
import { verifyOf } from '../lambda/stages/running/pace.ts'
import { remediate } from '../lambda/stages/remediate.ts'
import { RUNBOOKS } from '../lambda/runbooks/index.ts'
import type { Runbook } from '../lambda/runbooks/runbook.ts'
import { durably } from '../replay/journal.ts'

export interface Outside {
  tools: ToolsFor
  runbooks: ReadonlyMap<string, Runbook>
  /** Seconds of the world per second on this machine. */
  speed: number
}

/** A recording has nothing behind it that could be fixed. */
export const NOTHING_OUTSIDE: Outside = {
  tools() {
    throw new Refused('a recording has nothing to mend: play one of the simulated worlds')
  },
  runbooks: RUNBOOKS,
  speed: 1,
}

export const isRun = (payload: unknown): payload is RunOrder =>
  typeof payload === 'object' && payload !== null && 'run' in payload

/** Never comes. */
const GONE = new Promise<never>(() => undefined)

type Runtime = typeof import('../lambda/runtime.ts')

/** `isCurrent`: false once everything has been forgotten; whatever still runs then stops acting, since it would find another world. */
export function runner(runtime: Runtime, { tools, runbooks, speed }: Outside, isCurrent: () => boolean) {
  const { clock, log } = runtime
  return (_functionArn: string, order: RunOrder): Promise<void> =>
    durably({ ...clock, sleep: (ms) => clock.sleep(ms / speed) }, (journal) =>
      remediate(
        {
          table: runtime.table(),
          notices: runtime.notices(),
          timers: runtime.timers(),
          runs: runtime.runs(),
          rules: runtime.rules(),
          clock,
          log,
          tools,
        },
        {
          step: (name, act) => (isCurrent() ? journal.step(name, act) : GONE),
          wait: (name, seconds) => (isCurrent() ? journal.wait(name, seconds) : GONE),
        },
        runbooks,
        order,
      ),
    )
}

/** The same recipes where time runs faster: `timeOf` turns a moment on this machine (ms) into one in the world. */
export const hurried = (
  runbooks: ReadonlyMap<string, Runbook>,
  speed: number,
  timeOf: (ms: number) => number,
): ReadonlyMap<string, Runbook> =>
  new Map(
    [...runbooks].map(([name, runbook]): [string, Runbook] => {
      const inWorld = <About extends { since: number }>(about: About): About => ({
        ...about,
        since: timeOf(about.since),
      })
      return [
        name,
        {
          ...runbook,
          verifySeconds: verifyOf(runbook) / speed,
          look: (tools, about) => runbook.look(tools, inWorld(about)),
          steps: (facts, about) => runbook.steps(facts, inWorld(about)),
          healthy: (tools, about, facts) => runbook.healthy(tools, inWorld(about), facts),
        },
      ]
    }),
  )
