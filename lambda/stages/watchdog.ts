// Watchdog: rings an alarm of Tocsin's own and waits until it has passed. If it does not, it fails, and CloudWatch tells people by e-mail.
import { passage } from '../core/watchdog/heartbeat.ts'
import type { Bell, Runtime } from '../ports/runtime.ts'
import { readHeartbeat } from '../store/read-index.ts'

type Slice = Pick<Runtime, 'table' | 'clock' | 'log'> & { bell: Bell }

/** Reading the board every second costs less than a cent a month; most passages take one to three seconds. */
const LOOK_EVERY_MS = 1000

export async function watchdog({ bell, ...runtime }: Slice): Promise<void> {
  const rungAt = runtime.clock.now()
  await bell.ring()
  for (;;) {
    await runtime.clock.sleep(LOOK_EVERY_MS)
    const heartbeat = await readHeartbeat(runtime.table)
    const state = passage(heartbeat, rungAt, runtime.clock.now())
    if (state.is === 'passed') return runtime.log('info', 'the heartbeat passed', { ...state.hops })
    if (state.is === 'lost') throw new Error(`the heartbeat was lost: ${state.why}`)
  }
}
