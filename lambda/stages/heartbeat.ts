// Notify's part of the heartbeat: asks Slack whether it would take a message, and marks the answer on the board.
import { markAnswer, type Heartbeat } from '../core/watchdog/heartbeat.ts'
import { channelsOf } from '../core/services/teams.ts'
import type { Runtime } from '../ports/runtime.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'
import { knownChannels } from '../store/ledger/ledger.ts'

/** If Slack would not take a message, the watchdog reports it: the queue has nothing to retry. */
export async function answer(runtime: DoorSlice & Pick<Runtime, 'probe' | 'log'>, { at }: Heartbeat): Promise<void> {
  const channels = channelsOf(runtime.rules.config)
  const refused = await runtime.probe?.(channels, await knownChannels(runtime.table, channels))
  if (refused !== undefined) runtime.log('error', 'the heartbeat did not reach Slack', { refused })
  await throughDoor(runtime, {
    move: (draft) => markAnswer(draft, at, refused),
  })
}
