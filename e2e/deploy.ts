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
import { upgrading } from './deploy/upgrading.ts'
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

/** `-- upgrade` walks only that. */
const [only] = process.argv.slice(2)
const WALKS: [name: string, words: string, steps: Step<World>[]][] = [
  ['deploy', 'The real template, deployed by the real CDK onto MiniStack, driven from outside', STEPS],
  ['upgrade', 'From 0.1.0 to this version, while an incident is open', upgrading],
]

const total = { passed: 0, failed: 0 }
for (const [name, words, steps] of WALKS) {
  if (only !== undefined && only !== name) continue
  say(`\n  ${words}\n`)
  try {
    await inWorld(async (world) => {
      const { passed, failed } = await walk(steps, world)
      total.passed += passed
      total.failed += failed
      if (failed === 0) return
      say(`\n  The end of the emulator's log:\n\n${world.ministack.log().split('\n').slice(-LOG_LINES).join('\n')}`)
    })
  } catch (error) {
    total.failed++
    say(`  ✗ ${(error as Error).message}`)
  }
}
say(`\n  ${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
