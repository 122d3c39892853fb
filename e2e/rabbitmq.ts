// `npm run e2e:rabbitmq`: a real RabbitMQ backs up until publishers block; the runbook relieves it and is killed partway. Every message is counted.
import { backingUp } from './rabbitmq/backing-up.ts'
import { kinds } from './rabbitmq/kinds.ts'
import { relieving } from './rabbitmq/relieving.ts'
import { republishing } from './rabbitmq/republishing.ts'
import { together } from './rabbitmq/together.ts'
import { inWorld, type World } from './rabbitmq/world.ts'
import { walk, type Step } from './support/steps.ts'

const STEPS: Step<World>[] = [...backingUp, ...relieving, ...republishing, ...together, ...kinds]

process.stdout.write('\n  A real RabbitMQ, filled until it blocks, relieved by the real runbook, killed on the way\n\n')
await inWorld(async (world) => {
  const { failed } = await walk(STEPS, world)
  if (failed > 0) process.exitCode = 1
})
process.exit()
