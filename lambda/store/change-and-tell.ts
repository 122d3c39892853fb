// Changes to the board that concern runs, and the executions that they ask for.
import { draftOf, type Draft } from '../core/incident/draft.ts'
import type { Board } from '../core/incident/board.ts'
import { isOrdered, type Run } from '../core/incident/run.ts'
import { nextDue } from '../core/escalate/due.ts'
import type { RunOrder } from '../ports/runs.ts'
import type { Runtime } from '../ports/runtime.ts'
import { change, look } from './board.ts'

type Slice = Pick<Runtime, 'table' | 'clock' | 'notices' | 'timers' | 'runs' | 'rules'>

/** `incident` is told of also where nothing was left to change: the one who changed it may have crashed before telling. */
export async function changeAndTell(
  runtime: Slice,
  incident: string,
  move: (draft: Draft, now: number) => void,
): Promise<void> {
  const now = runtime.clock.now()
  const touched = new Set([incident])
  const done = await change(runtime, [], ({ board }) => {
    const draft = draftOf(board)
    move(draft, now)
    draft.touched.forEach((id) => touched.add(id))
    return draft.touched.size > 0 ? { board: draft.board } : undefined
  })
  await follow(runtime, done?.board ?? (await look(runtime)), touched, now)
  await runtime.notices.changed()
}

/** What a change of these incidents asks for: executions of their runs, and a wake-up when something falls due. What was due by `now` was done. */
export async function follow(
  { runs, timers, rules }: Pick<Runtime, 'runs' | 'timers' | 'rules'>,
  board: Board,
  incidents: Iterable<string>,
  now: number,
): Promise<void> {
  for (const id of incidents) {
    const incident = board.incidents[id]
    if (!incident) continue
    for (const run of incident.runs ?? []) if (isOrdered(run)) await runs.start(run.runbook, orderOf(id, run))
    const due = nextDue(incident, rules.config)
    if (due !== undefined && due > now) await timers.wake(id, due)
  }
}

const orderOf = (incident: string, run: Run): RunOrder => ({
  incident,
  run: run.id,
  phase: run.status === 'looking' ? 'look' : 'act',
  attempt: run.attempt,
})
