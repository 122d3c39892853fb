// What the schedule calls every few minutes.
import { bell, clock, log, table } from '../runtime.ts'
import { watchdog } from '../stages/watchdog.ts'

const runtime = { table: table(), bell: bell(), clock, log }

export const handler = (): Promise<void> => watchdog(runtime)
