// What the parts of the remediate stage share: the run under way, and steps of its journal that may fail.
import type { Draft } from '../../core/incident/draft.ts'
import { reasonOf } from '../../core/words/words.ts'
import type { Journal, RunOrder } from '../../ports/runs.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Tools } from '../../ports/tools.ts'
import { Refused } from '../../ports/tools.ts'
import type { Case, Turn } from '../../runbooks/runbook.ts'
import { throughDoor, type DoorSlice } from '../../store/door.ts'

export type Slice = DoorSlice & Pick<Runtime, 'tools' | 'log'>

export interface Execution {
  runtime: Slice
  journal: Journal
  order: RunOrder
}

export interface Running extends Execution {
  about: Case<Record<string, unknown>>
  tools: Tools
}

export const tell = <T>({ runtime, order }: Execution, move: (draft: Draft) => T): Promise<T> =>
  throughDoor(runtime, { concerns: order.incident, move })

/** Throws `Refused` for what is no turn: a runbook of one's own may have any mistake. */
export function checkedTurn(turn: unknown): Turn {
  const { done, going, againInSeconds } = (turn ?? {}) as Record<string, unknown>
  if (typeof done === 'string' || (typeof going === 'string' && Number.isFinite(againInSeconds))) return turn as Turn
  throw new Refused(
    `its turn returned ${JSON.stringify(turn)?.slice(0, 80)}, which is neither { done } nor { going, againInSeconds }: mend the runbook`,
  )
}

/** Its reason and its time, in ms. */
export interface Failed {
  failed: string
  at: number
}

/**
 * A step of the journal. That it failed, although it was tried again and again, is written down as well: outside a step each replay would find
 * another time, and no limit would ever pass.
 */
export async function tried<T>({ journal, runtime }: Execution, name: string, act: () => Promise<T>) {
  let error: unknown
  try {
    return await journal.step(name, act)
  } catch (thrown) {
    error = thrown
  }
  return journal.step(`${name} failed`, async (): Promise<Failed> => ({
    failed: reasonOf(error),
    at: runtime.clock.now(),
  }))
}

export const hasFailed = (went: unknown): went is Failed =>
  typeof went === 'object' && went !== null && 'failed' in went
