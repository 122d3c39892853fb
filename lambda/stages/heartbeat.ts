// Notify's part of the heartbeat: asks Slack whether it would take a message, and marks the answer on the board.
import { withAnswer, type Heartbeat } from '../core/watchdog/heartbeat.ts'
import type { Runtime } from '../ports/runtime.ts'
import { change } from '../store/board.ts'

type Slice = Pick<Runtime, 'table' | 'clock' | 'probe' | 'rules' | 'log'>

/** A Slack that would not take a message is the watchdog's to tell: the queue has nothing to try again. */
export async function answer(runtime: Slice, { at }: Heartbeat): Promise<void> {
  const refused = await runtime.probe?.()
  const now = runtime.clock.now()
  if (refused !== undefined) runtime.log('error', 'the heartbeat did not reach Slack', { refused })
  await change(runtime, [], ({ board }) => {
    const answered = withAnswer(board, at, now, refused)
    return answered && { board: answered }
  })
}
