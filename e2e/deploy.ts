// `npm run e2e:deploy`: deploys the real template with the real CDK to an AWS emulator, and drives it from the outside.
import { alarming } from './deploy/alarming.ts'
import { asking } from './deploy/asking.ts'
import { changing } from './deploy/changing.ts'
import { clicking } from './deploy/clicking.ts'
import { deploying } from './deploy/deploying.ts'
import { leaving } from './deploy/leaving.ts'
import { letters } from './deploy/letters.ts'
import { troubling } from './deploy/troubling.ts'
import { waiting } from './deploy/waiting.ts'
import { watching } from './deploy/watching.ts'
import { inWorld, type World } from './deploy/world.ts'
import { walk, type Step } from './support/steps.ts'

const STEPS: Step<World>[] = [
  ...deploying,
  ...alarming,
  ...clicking,
  ...waiting,
  ...letters,
  ...changing,
  ...asking,
  ...watching,
  ...troubling,
  ...leaving,
]

/** Of the emulator and its functions, when something went wrong. */
const LOG_LINES = 60

const say = (words: string): void => void process.stdout.write(`${words}\n`)

say('\n  The real template, deployed by the real CDK onto MiniStack, driven from outside\n')
try {
  await inWorld(async (world) => {
    const { failed } = await walk(STEPS, world)
    if (failed === 0) return
    say(`\n  The end of the emulator's log:\n\n${world.ministack.log().split('\n').slice(-LOG_LINES).join('\n')}`)
    process.exitCode = 1
  })
} catch (error) {
  say(`  ✗ ${(error as Error).message}\n\n  0 passed, 1 failed`)
  process.exitCode = 1
}
