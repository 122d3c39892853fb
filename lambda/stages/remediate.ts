// Remediate: one run of a runbook. Looks, says what it would do, acts step by step, checks whether it helped, and hands over if it did not.
import { acted, finish, stepIs, whyHalt } from '../core/remediate/progress.ts'
import type { RunStep } from '../core/incident/run.ts'
import { Refused, type Tools } from '../ports/tools.ts'
import { outsideOf, type Journal, type RunOrder } from '../ports/runs.ts'
import type { Runbook, Step, Turn } from '../runbooks/runbook.ts'
import { look } from '../store/board.ts'
import { leftNow, watchLeft } from './running/left.ts'
import { beginRun, lookFirst } from './running/looking.ts'
import { spacingOf, withinOf } from './running/pace.ts'
import { checkedTurn, hasFailed, tell, tried, type Running, type Slice } from './running/running.ts'
import { verify } from './running/verifying.ts'

/** Runs in a durable execution: what is in the journal is not done again. */
export async function remediate(
  runtime: Slice,
  journal: Journal,
  runbooks: ReadonlyMap<string, Runbook>,
  ordered: RunOrder,
): Promise<void> {
  const order = { ...ordered, run: outsideOf(ordered) }
  const execution = { runtime, journal, order }
  if (order.phase === 'look') return lookFirst(execution, runbooks)
  if (order.phase === 'left') return watchLeft(execution, runbooks)
  const begun = await beginRun(execution, runbooks)
  if (begun === undefined) return
  const { about, facts } = begun
  const runbook = runbooks.get(begun.runbook)!
  const run: Running = { ...execution, about, tools: runtime.tools(about.target, runbook) }
  const steps = runbook.steps(facts, about)
  const failed = await act(run, steps)
  const outcome: Ended = failed ?? (await verify(run, runbook, facts))
  if (!outcome.ok) await takeBack(run, steps, outcome.failed)
  const left = await leftNow(run, { leaves: runbook.leaves, facts, about, tools: run.tools })
  await journal.step('end', () =>
    tell(run, (draft) => finish(draft, order.run, { ok: outcome.ok, text: outcome.text, ...(left && { left }) })),
  )
}

/** `failed`: the last step that may have done something, if one failed. */
interface Ended {
  ok: boolean
  text: string
  failed?: number
}

/** Undefined if every step was done. */
async function act(run: Running, steps: Step[]): Promise<Ended | undefined> {
  for (const [place, step] of steps.entries()) {
    const failed = await carryOut(run, steps, { place, step, as: 'done' })
    if (failed) return { ok: false, text: `${step.name}: ${failed.why}`, failed: failed.untouched ? place - 1 : place }
  }
  await run.journal.step('acted', () => tell(run, (draft) => acted(draft, run.order.run)))
  return undefined
}

interface Deed {
  place: number
  step: Omit<Step, 'undo'>
  as: 'done' | 'undone'
}

/** `at` and `endedAt`: in ms. */
type Went = { turn: Turn; at: number; endedAt: number } | { failed: string; at: number; untouched?: true }

/** Turn by turn until the step is done. Returns why it failed, if it did; `untouched`: before it did anything. */
async function carryOut(
  run: Running,
  steps: Step[],
  deed: Deed,
): Promise<{ why: string; untouched: boolean } | undefined> {
  const { place, step, as } = deed
  const name = `${as === 'done' ? 'step' : 'undo'} ${place + 1}`
  let state: unknown
  let first: number | undefined
  for (let count = 1; ; count++) {
    const known = state
    const went: Went = await tried(run, `${name}.${count}`, () => turn(run, deed, count, known))
    first ??= went.at
    const late = went.at - first > withinOf(step) * 1000
    if (hasFailed(went) || (late && !('done' in went.turn))) {
      const why = hasFailed(went) ? went.failed : `not done within ${withinOf(step)} s`
      await run.journal.step(`${name} failed`, () =>
        record(run, place, { name: step.name, status: 'failed', text: why }),
      )
      return { why, untouched: 'untouched' in went }
    }
    if ('done' in went.turn) return undefined
    state = went.turn.state
    const took = (went.endedAt - went.at) / 1000
    const seconds = Math.max(1, went.turn.againInSeconds, Math.ceil(spacingOf(steps, count) - took))
    await run.journal.wait(`${name}.${count} wait`, seconds)
  }
}

async function turn(run: Running, { place, step, as }: Deed, count: number, state: unknown): Promise<Went> {
  const { runtime, order, tools } = run
  const at = runtime.clock.now()
  // A rollback goes on even if somebody stopped everything.
  const halt =
    as === 'undone'
      ? undefined
      : await look(runtime.table, (board) => whyHalt(board, order.run, order.attempt, runtime.rules.config))
  const why = halt ?? (count === 1 ? await ready(step, tools) : undefined)
  if (why !== undefined) return { failed: why, at, ...(count === 1 && { untouched: true }) }
  if (count === 1 && as === 'done') await record(run, place, { name: step.name, status: 'running' })
  try {
    const went = checkedTurn(await step.turn(tools, state))
    const reached = 'done' in went ? { status: as, text: went.done } : { status: 'running' as const, text: went.going }
    await record(run, place, { name: step.name, ...reached })
    return { turn: went, at, endedAt: runtime.clock.now() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { failed: error.message, at }
  }
}

async function ready(step: Omit<Step, 'undo'>, tools: Tools): Promise<string | undefined> {
  try {
    return await step.ready?.(tools)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.message
  }
}

/** Notes how far a step is, for people to see. */
async function record(
  run: Running,
  place: number,
  { name, status, text }: Pick<RunStep, 'name' | 'status' | 'text'>,
): Promise<void> {
  await tell(run, (draft) =>
    stepIs(draft, run.order.run, place, {
      name,
      status,
      at: draft.now,
      ...(status !== 'running' && { endedAt: draft.now }),
      ...(text !== undefined && { text }),
    }),
  )
}

/** Rolls back, in reverse order, the steps that declare how. One that cannot be rolled back does not stop the others. `failed`: the step that failed. */
async function takeBack(run: Running, steps: Step[], failed: number | undefined): Promise<void> {
  for (let place = failed ?? steps.length - 1; place >= 0; place--) {
    const { undo } = steps[place]!
    if (undo && !(undo.ifNoHelp && failed !== undefined))
      await carryOut(run, steps, { place, step: undo, as: 'undone' })
  }
}
