// Remediate: one run of a runbook. Looks, says what it would do, acts step by step, checks whether it helped, and hands over if it did not.
import type { Draft } from '../core/incident/draft.ts'
import { acted, begin, finish, seen, stepIs, whyHalt, type Seen } from '../core/remediate/progress.ts'
import { nameOutside, type RunStep } from '../core/incident/run.ts'
import { findRun, firingAnywhere } from '../core/remediate/runs.ts'
import { ruleOf, signalsOf } from '../core/remediate/propose.ts'
import { callersOf } from '../core/services/callers.ts'
import { Refused, type Tools } from '../ports/tools.ts'
import { outsideOf, type Journal, type RunOrder } from '../ports/runs.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Case, Runbook, Step, Turn } from '../runbooks/runbook.ts'
import { look } from '../store/board.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'
import { readAlarms } from '../store/records.ts'

type Slice = DoorSlice & Pick<Runtime, 'tools' | 'log'>

const STEP_SECONDS = 900
const SETTLE_SECONDS = 15
export const VERIFY_SECONDS = 600
const VERIFY_EVERY_SECONDS = 10
/** Spare time for rollbacks, and for waits that Lambda starts late. */
const SPARE_SECONDS = 1800

/** Runs in a durable execution: what is in the journal is not done again. */
export async function remediate(
  runtime: Slice,
  journal: Journal,
  runbooks: ReadonlyMap<string, Runbook>,
  ordered: RunOrder,
): Promise<void> {
  const order = { ...ordered, run: outsideOf(ordered) }
  if (order.phase === 'look') return void (await journal.step('look', () => lookFirst(runtime, runbooks, order)))
  const begun = await journal.step('begin', () => beginRun(runtime, runbooks, order))
  if (begun === undefined) return
  const { about, facts } = begun
  const run: Running = { runtime, journal, order, about, tools: runtime.tools(about.target) }
  const runbook = runbooks.get(begun.runbook)!
  const steps = runbook.steps(facts, about)
  const failed = await act(run, steps)
  const outcome = failed ?? (await verify(run, runbook, facts))
  if (!outcome.ok) await takeBack(run, steps, outcome.done ?? steps.length)
  await journal.step('end', () =>
    tell(run, (draft) => finish(draft, order.run, { ok: outcome.ok, text: outcome.text })),
  )
}

interface Running {
  runtime: Slice
  journal: Journal
  order: RunOrder
  about: Case<Record<string, unknown>>
  tools: Tools
}

/** `done`: how many steps were done, if one failed. */
interface Ended {
  ok: boolean
  text: string
  done?: number
}

interface Begun {
  runbook: string
  about: Case<Record<string, unknown>>
  facts: unknown
}

type Looked = Begun & { seen: Seen; mostSeconds: number }

async function lookFirst(
  runtime: Slice,
  runbooks: ReadonlyMap<string, Runbook>,
  { run, attempt, incident }: RunOrder,
): Promise<void> {
  const looked = await lookAt(runtime, runbooks, run)
  if (!looked) return
  await throughDoor(runtime, {
    concerns: incident,
    move: (draft) => seen(draft, run, attempt, looked.seen),
  })
}

/** Looks again right before the first step, and takes the lock. Undefined if nothing may be done; the board says why. */
async function beginRun(
  runtime: Slice,
  runbooks: ReadonlyMap<string, Runbook>,
  { run, attempt, incident }: RunOrder,
): Promise<Begun | undefined> {
  const looked = await lookAt(runtime, runbooks, run)
  if (!looked) return undefined
  const { seen: found, mostSeconds, runbook, about, facts } = looked
  const may = await throughDoor(runtime, {
    concerns: incident,
    move: (draft) => begin(draft, run, { attempt, look: found, mostSeconds }),
  })
  return may ? { runbook, about, facts } : undefined
}

async function lookAt(runtime: Slice, runbooks: ReadonlyMap<string, Runbook>, id: string): Promise<Looked | undefined> {
  const found = await look(runtime.table, (board) => findRun(board, id))
  const runbook = found && runbooks.get(found.run.runbook)
  if (!found || !runbook) return undefined
  const { run, incident } = found
  const { rules } = runtime
  const target = rules.service(run.service).target ?? {}
  const member = incident.services[run.service] ?? {}
  const lead = Object.values(member).sort((a, b) => a.from - b.from)[0]?.lead
  const alarm = lead === undefined ? undefined : (await readAlarms(runtime.table, [lead])).get(lead)
  const about: Case<Record<string, unknown>> = {
    run: nameOutside(run),
    service: run.service,
    target,
    options: ruleOf(run, rules)?.with ?? {},
    callers: callersOf(rules.config.services, run.service),
    since: run.approvedAt ?? run.createdAt,
    signals: Object.entries(member).flatMap(([signal, { firing }]) => (firing > 0 ? [signal as 'disk'] : [])),
    alarm: { name: alarm?.name ?? '', dimensions: alarm?.dimensions ?? {} },
  }
  const lock = runbook.lock(target)
  const nothing = { runbook: run.runbook, about, facts: undefined, mostSeconds: 0 }
  try {
    const { found: words, stop, facts } = await runbook.look(runtime.tools(target), about)
    const steps = stop === undefined ? runbook.steps(facts, about) : []
    const planned = steps.map(({ name, touches, calls }) => ({ name, touches, calls }))
    return {
      ...nothing,
      facts,
      mostSeconds: longest(runbook, steps),
      seen: { found: words, steps: planned, lock, ...(stop !== undefined && { stop }) },
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ...nothing, seen: { found: '', stop: `it could not look: ${error.message}`, steps: [], lock } }
  }
}

function longest({ settleSeconds, verifySeconds }: Runbook, steps: Step[]): number {
  const acts = steps.flatMap((step) => [step, ...(step.undo ? [step.undo] : [])])
  const seconds = acts.reduce((sum, { withinSeconds = STEP_SECONDS }) => sum + withinSeconds, 0)
  return seconds + (settleSeconds ?? SETTLE_SECONDS) + (verifySeconds ?? VERIFY_SECONDS) + SPARE_SECONDS
}

/** Undefined if every step was done. */
async function act(run: Running, steps: Step[]): Promise<Ended | undefined> {
  for (const [place, step] of steps.entries()) {
    const why = await carryOut(run, place, step, 'done')
    if (why !== undefined) return { ok: false, text: `${step.name}: ${why}`, done: place }
  }
  await run.journal.step('acted', () => tell(run, (draft) => acted(draft, run.order.run)))
  return undefined
}

type Went = { turn: Turn; at: number } | { failed: string; at: number }

/** Turn by turn until the step is done. Returns why it failed, if it did. */
async function carryOut(
  run: Running,
  place: number,
  step: Omit<Step, 'undo'>,
  as: 'done' | 'undone',
): Promise<string | undefined> {
  const name = `${as === 'done' ? 'step' : 'undo'} ${place + 1}`
  let state: unknown
  let first: number | undefined
  for (let count = 1; ; count++) {
    const known = state
    const went = await run.journal
      .step(`${name}.${count}`, () => turn(run, { place, step, as }, count, known))
      .catch((error: unknown): Went => ({ failed: String(error), at: run.runtime.clock.now() }))
    first ??= went.at
    const late = went.at - first > (step.withinSeconds ?? STEP_SECONDS) * 1000
    if ('failed' in went || (late && !('done' in went.turn))) {
      const why = 'failed' in went ? went.failed : `not done within ${step.withinSeconds ?? STEP_SECONDS} s`
      await run.journal.step(`${name} failed`, () =>
        record(run, place, { name: step.name, status: 'failed', text: why }),
      )
      return why
    }
    if ('done' in went.turn) return undefined
    state = went.turn.state
    await run.journal.wait(`${name}.${count} wait`, Math.max(1, went.turn.againInSeconds))
  }
}

interface Deed {
  place: number
  step: Omit<Step, 'undo'>
  as: 'done' | 'undone'
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
  if (why !== undefined) return { failed: why, at }
  if (count === 1 && as === 'done') await record(run, place, { name: step.name, status: 'running' })
  try {
    const went = await step.turn(tools, state)
    const reached = 'done' in went ? { status: as, text: went.done } : { status: 'running' as const, text: went.going }
    await record(run, place, { name: step.name, ...reached })
    return { turn: went, at }
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

/** It helped if the alarms have recovered and the metric itself says so. */
async function verify(run: Running, runbook: Runbook, facts: unknown): Promise<Ended> {
  const { journal, runtime, about } = run
  await journal.wait('settle', runbook.settleSeconds ?? SETTLE_SECONDS)
  let first: number | undefined
  for (let count = 1; ; count++) {
    const saw = await journal
      .step(`verify ${count}`, () => isHealthy(run, runbook, facts))
      .catch((error: unknown) => ({ ok: false, text: String(error), at: runtime.clock.now() }))
    if (saw.ok) return { ok: true, text: saw.text }
    first ??= saw.at
    const within = runbook.verifySeconds ?? VERIFY_SECONDS
    if (saw.at - first >= within * 1000)
      return {
        ok: false,
        text: `${runtime.rules.titleOf(about.service)} is not healthy ${within} s later: ${saw.text}`,
      }
    await journal.wait(`verify ${count} wait`, VERIFY_EVERY_SECONDS)
  }
}

async function isHealthy(run: Running, runbook: Runbook, facts: unknown): Promise<Ended & { at: number }> {
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

/** Rolls back, in reverse order, the steps that declare how. One that cannot be rolled back does not stop the others. */
async function takeBack(run: Running, steps: Step[], done: number): Promise<void> {
  for (let place = Math.min(done, steps.length - 1); place >= 0; place--) {
    const { undo } = steps[place]!
    if (undo) await carryOut(run, place, undo, 'undone')
  }
}

const tell = (run: Running, move: (draft: Draft) => void): Promise<void> =>
  throughDoor(run.runtime, { concerns: run.order.incident, move })
