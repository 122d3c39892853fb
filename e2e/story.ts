// `npm run e2e:story`: the real template on an AWS emulator with a real RabbitMQ. A queue fills, an alarm fires, a click approves, the deployed
// runbook relieves the broker.
import { deploying } from './deploy/deploying.ts'
import { inWorld } from './deploy/world.ts'
import { backingUp } from './story/backing-up.ts'
import { ending } from './story/ending.ts'
import { moments } from './story/moments.ts'
import { relieving } from './story/relieving.ts'
import { republishing } from './story/republishing.ts'
import { hangs, restarted } from './story/restarting.ts'
import { starting, working } from './story/starting.ts'
import type { World } from './story/world.ts'
import { walk, type Step } from './support/steps.ts'

const STEPS: Step<World>[] = [
  ...starting,
  // Without doctor: it has nothing to do with this story.
  ...deploying.slice(0, 3),
  ...hangs,
  ...working,
  ...backingUp,
  ...relieving,
  ...republishing,
  ...restarted,
  ...moments,
  ...ending,
]

/** Of the emulator and its functions, when something went wrong. */
const LOG_LINES = 60

const say = (words: string): void => void process.stdout.write(`${words}\n`)

say('\n  The deployed stack on MiniStack and a real RabbitMQ: a whole incident\n')
try {
  const began = Date.now()
  await inWorld(async (world) => {
    say(`  ✓ MiniStack and the pretend Slack are up (${((Date.now() - began) / 1000).toFixed(1)} s)`)
    // The first step adds what is missing.
    const { failed } = await walk(STEPS, world as World)
    if (failed === 0) return
    say(`\n  The end of the emulator's log:\n\n${world.ministack.log().split('\n').slice(-LOG_LINES).join('\n')}`)
    process.exitCode = 1
  })
} catch (error) {
  say(`  ✗ ${(error as Error).message}\n\n  0 passed, 1 failed`)
  process.exitCode = 1
}
process.exit()
