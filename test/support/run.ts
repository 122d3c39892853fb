// One run of a runbook through the real stage: its alarms come in, it looks, starts by itself, acts and verifies, on a board in memory.
import { isDeepStrictEqual } from 'node:util'
import { nameOf, type Journal, type RunOrder } from '../../lambda/ports/runs.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import { findRun } from '../../lambda/core/remediate/runs.ts'
import { intake } from '../../lambda/stages/intake.ts'
import { remediate } from '../../lambda/stages/remediate.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { body, START } from './alarms.ts'
import { alarmsOf, runtimeOf, type Given } from './given.ts'
import { Died } from '../../drill/world/faults.ts'

export interface Ran {
  /** What the look found; empty if nothing may be done. */
  found: string
  stop?: string
  /** In the order in which they ended; a step that is undone appears twice. */
  steps: { name: string; is: 'done' | 'failed' | 'undone'; text: string }[]
  health?: { ok: boolean; text: string }
}

export interface How {
  /** The process dies after each thing it does, before that is recorded: each turn runs twice. */
  twice?: boolean
  /** Called between the look and the first act. */
  before?: () => void
}

/** As when Lambda starts a run's execution, seconds after it was ordered. */
const STARTS_LATE_MS = 5000

/** `execute` is one durable execution. */
export async function runOf(
  given: Given,
  { twice = false, before }: How,
  execute: (run: (journal: Journal) => Promise<void>) => Promise<void>,
): Promise<Ran> {
  const { about, clock } = given
  const orders: RunOrder[] = []
  const runtime = runtimeOf(given, async (order) => void orders.push(order))
  const tell = async (state: 'ALARM' | 'OK'): Promise<void> => {
    for (const told of alarmsOf(about)) {
      const message = body({ ...told, state, at: (clock.now - START) / 1000 })
      await intake(runtime, [{ id: told.name, body: message }])
    }
  }
  const current = async (): Promise<Run> => findRun(await readBoard(runtime.table), about.run)!.run
  const runbooks = new Map([[given.runbook.name, recovering(given, () => tell('OK'))]])
  const ended = endings(current)
  const started = new Set<string>()
  await tell('ALARM')
  for (let order = orders.shift(); order; order = orders.shift()) {
    // What is left afterwards is watched for days: its own tests do that.
    if (order.phase === 'left' || started.has(nameOf(order))) continue
    started.add(nameOf(order))
    if (order.phase === 'act') clock.now += STARTS_LATE_MS
    const died = new Set<string>()
    const todo = order.phase === 'act' && before ? { before } : {}
    await execute((journal) => {
      const real = twice ? dying(journal, died) : journal
      return remediate(runtime, watched(real, todo, ended.note), runbooks, order)
    })
  }
  return ranOf(await current(), ended.steps)
}

/** What the test says the run is about is what the stage gets; CloudWatch sees the metric recover as the recipe does. */
function recovering({ runbook, about }: Given, recover: () => Promise<void>): Runbook {
  /** Under the name that the test gives it: the stage adds when it was proposed. */
  const named = (seen: Case<Record<string, unknown>>): Case<Record<string, unknown>> => {
    const wanted = { callers: {}, ...about, since: seen.since }
    const isStamped = seen.run.startsWith(`${about.run}-`)
    const { approved: _, ...rest } = seen
    if (!isStamped || !isDeepStrictEqual({ ...rest, run: about.run }, wanted))
      throw new Error(`the run is about ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`)
    return { ...seen, run: about.run }
  }
  return {
    ...runbook,
    look: (tools, seen) => runbook.look(tools, named(seen)),
    steps: (facts, seen) => runbook.steps(facts, named(seen)),
    async healthy(tools, seen, facts) {
      const health = await runbook.healthy(tools, named(seen), facts)
      if (health.ok) await recover()
      return health
    },
  }
}

/** The process dies once in each step, after the act and before the record. */
const dying = (journal: Journal, died: Set<string>): Journal => ({
  ...journal,
  step: (name, act) =>
    journal.step(name, async () => {
      const result = await act()
      if (died.has(name)) return result
      died.add(name)
      throw new Died(`after ${name}`)
    }),
})

const watched = (journal: Journal, todo: Pick<How, 'before'>, note: () => Promise<void>): Journal => ({
  ...journal,
  async step(name, act) {
    if (name === 'step 1.1') {
      todo.before?.()
      delete todo.before
    }
    try {
      return await journal.step(name, act)
    } finally {
      await note()
    }
  },
})

/** Each end of a step as the board shows it: the board itself keeps only the last. */
function endings(current: () => Promise<Run>): { steps: Ran['steps']; note(): Promise<void> } {
  const steps: Ran['steps'] = []
  const known = new Map<number, string>()
  return {
    steps,
    async note() {
      for (const [place, { name, status, text = '' }] of (await current()).steps.entries()) {
        if (known.get(place) === status) continue
        known.set(place, status)
        if (status !== 'running') steps.push({ name, is: status, text })
      }
    },
  }
}

function ranOf({ status, plan, why = '', actedAt }: Run, steps: Ran['steps']): Ran {
  if (status === 'withdrawn') return { found: '', stop: why, steps }
  return {
    found: plan?.found ?? '',
    steps,
    ...(actedAt !== undefined && { health: { ok: status === 'succeeded', text: why } }),
  }
}
