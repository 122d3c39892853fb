// The commands of the command line.
import type { Command } from './command.ts'

/** Loaded when called: its SDKs would slow down other commands. */
export const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  init: () => import('./commands/init.ts'),
  replay: () => import('./commands/replay.ts'),
  route: () => import('./commands/route.ts'),
  lint: () => import('./commands/lint.ts'),
  drill: () => import('./commands/drill.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'slack-manifest': () => import('./commands/slack-manifest.ts'),
  'slack connect': () => import('./commands/slack-connect.ts'),
  'test-alarm': () => import('./commands/test-alarm.ts'),
  status: () => import('./commands/status.ts'),
  redrive: () => import('./commands/redrive.ts'),
  republish: () => import('./commands/republish.ts'),
  trace: () => import('./commands/trace.ts'),
}
