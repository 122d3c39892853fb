// Escalate: wakes when something of an incident falls due, looks at it again, and does only what is still true.
import { fileAway } from '../core/escalate/leaving.ts'
import { draftOf } from '../core/incident/draft.ts'
import type { Board } from '../core/incident/board.ts'
import { advance } from '../core/escalate/due.ts'
import type { Runtime } from '../ports/runtime.ts'
import { follow } from '../store/change-and-tell.ts'
import { change } from '../store/board.ts'

type Slice = Pick<Runtime, 'table' | 'clock' | 'notices' | 'timers' | 'runs' | 'rules'>

export async function escalate(runtime: Slice, incident: string): Promise<void> {
  const { config } = runtime.rules
  const now = runtime.clock.now()
  let after: Board | undefined
  let touched: ReadonlySet<string> = new Set()
  const done = await change(runtime, [], ({ board }) => {
    const draft = draftOf(board)
    advance(draft, runtime.rules, now)
    touched = draft.touched
    after = draft.board
    const moved = draft.touched.size > 0 || fileAway(draft.board, config, now).filed.length > 0
    return moved ? { board: draft.board } : undefined
  })
  if (done) await runtime.notices.changed()
  await follow(runtime, after!, new Set([incident, ...touched]), now)
}
