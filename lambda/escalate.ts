// Escalate: wakes when something of an incident falls due, looks at it again, and does only what is still true.
import { fileAway } from './core/archive.ts'
import { draftOf } from './core/draft.ts'
import { advance, nextDue } from './core/timers.ts'
import type { Runtime } from './ports.ts'
import { change } from './store.ts'

type Slice = Pick<Runtime, 'table' | 'clock' | 'notices' | 'timers' | 'rules'>

export async function escalate(runtime: Slice, incident: string): Promise<void> {
  const { config } = runtime.rules
  const now = runtime.clock.now()
  let due: number | undefined
  const done = await change(runtime, [], ({ board }) => {
    const draft = draftOf(board)
    advance(draft, runtime.rules, now)
    const known = draft.board.incidents[incident]
    due = known && nextDue(known, config)
    const moved = draft.touched.size > 0 || fileAway(draft.board, config, now).filed.length > 0
    return moved ? { board: draft.board } : undefined
  })
  if (done) await runtime.notices.changed()
  if (due !== undefined && due > now) await runtime.timers.wake(incident, due)
}
