// The queue backs up as in the report: the consumers are gone, the publishers carry on, the broker blocks all of them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../lambda/runbooks/runbook.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import { check, eventually, type Step } from '../support/steps.ts'
import { publishers } from './publishers.ts'
import { MEMORY_LIMIT } from './start.ts'
import { HEAVY, haveCounted, VHOST, type World } from './world.ts'

const LIGHT = 'mails'
/** More than the heavy queue will hold: choosing by message count would pick the wrong one. */
const LIGHT_MESSAGES = 16_000

export const backingUp: Step<World>[] = [
  {
    does: 'A broker with little memory, and two queues without consumers',
    async run(world) {
      const connection = await world.connect()
      const channel = await connection.createConfirmChannel()
      for (const queue of [HEAVY, LIGHT]) await channel.assertQueue(queue, { durable: true })
      for (let i = 0; i < LIGHT_MESSAGES; i++)
        channel.sendToQueue(LIGHT, Buffer.from(`mail ${i}`), { persistent: true })
      await channel.waitForConfirms()
      await connection.close()
      const { product, version } = connection.connection.serverProperties
      return `${product} ${version}, memory limit ${MEMORY_LIMIT}`
    },
  },
  {
    does: 'Four publishers fill one of them until the broker blocks them',
    async run(world) {
      world.publishers = await publishers(world, HEAVY, 'campaign')
      const { publishers: working } = world
      await eventually('publishers are blocked', async () => (working.isBlocked ? true : undefined), 120)
      return `${working.confirmed.length} messages of 4 KiB are confirmed when the broker stops reading`
    },
  },
  {
    does: 'The dry run finds the queue that holds the memory, not the longest one',
    async run(world) {
      const runbook = BUILT_IN.get('relieve-queue-backlog')!
      const about: Case<Record<string, unknown>> = {
        run: 'DRY-1',
        service: 'message-broker',
        target: { rabbitmq: { vhost: VHOST, queues: ['*'] } },
        options: runbook.options.parse({}),
        since: 0,
        signals: ['memory'],
        alarm: { name: 'broker/memory', dimensions: {} },
      }
      const tools = {
        ...world,
        cloud: { call: () => Promise.reject(new Error('not here')) },
        now: Date.now,
        pause: sleep,
      }
      const confirmed = world.publishers!.confirmed.length
      const { found, stop, facts } = await eventually('the broker has measured itself', async () => {
        const look = await runbook.look(tools, about)
        return new RegExp(`^${HEAVY} holds [\\d,]+ `).test(look.found) &&
          look.stop === undefined &&
          (await hasAll(world, confirmed)) &&
          (await haveCounted(world, HEAVY, confirmed))
          ? look
          : undefined
      })
      check(stop === undefined, `it would do nothing: ${stop}`)
      const steps = runbook.steps(facts, about)
      check(steps.length === 3, `it has ${steps.length} steps`)
      return [
        found,
        ...steps.flatMap(({ name, touches, calls }) => [
          `▸ ${name}: ${touches}`,
          ...calls.map((call) => `    ${call}`),
        ]),
      ].join('\n')
    },
  },
]

async function hasAll({ broker }: World, count: number): Promise<boolean> {
  return (await broker.queues()).some(({ name, messages }) => name === HEAVY && messages >= count)
}
