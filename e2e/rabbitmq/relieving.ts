// The runbook relieves the broker, killed again and again: publishers carry on, and every message is in one place, once.
import { manifestKey, type Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import type { Death } from './act.ts'
import { consumer, type Consumer } from './consumer.ts'
import { actAndDie, actToTheEnd, chunks } from './processes.ts'
import { compare, folderIn, HEAVY, keptIds, type World } from './world.ts'

export const RUN = 'INC-0001-1'
const JOB = { run: RUN, queue: HEAVY }

const killed = (does: string, death: Death): Step<World> => ({
  does: `Killed ${does}`,
  async run(world) {
    await actAndDie(world, JOB, death)
  },
})

const killedFromOutside = (does: string, more: number): Step<World> => ({
  does: `Killed from outside, ${does}, wherever it is then`,
  async run(world) {
    await actAndDie(world, JOB, undefined, chunks(world, JOB, more))
  },
})

let back: Consumer

export const relieving: Step<World>[] = [
  killed('when the first chunk is taken and not stored', { at: 'taken', chunk: 1 }),
  killed('when the first chunk is stored and not acknowledged', { at: 'stored', chunk: 1 }),
  killed('there once more, after it found that they came back', { at: 'stored', chunk: 1 }),
  killed('when the third chunk is acknowledged and not recorded', { at: 'removed', chunk: 3 }),
  killed('when the fourth chunk is stored and not acknowledged', { at: 'stored', chunk: 4 }),
  killedFromOutside('a chunk later', 1),
  killed('when the limit is set and not recorded', { at: 'limited' }),
  // After the limit: before it, there may not be two more chunks.
  killedFromOutside('while it moves what is above the limit, two chunks later', 2),
  {
    does: 'Called once more, it comes to its end, and it has helped',
    run: (world) => actToTheEnd(world, JOB, 3),
  },
  {
    does: 'The broker blocks nobody any more, and the publishers go on',
    async run(world) {
      await eventually('publishers are not blocked', async () => {
        const nodes = await world.broker.nodes()
        return nodes.every(({ blocked, memoryUsed, memoryLimit }) => !blocked && memoryUsed < memoryLimit) || undefined
      })
      const before = world.publishers!.confirmed.length
      await eventually('publishers go on', async () =>
        world.publishers!.confirmed.length > before || world.publishers!.refused > 0 ? true : undefined,
      )
    },
  },
  {
    does: 'At the limit the broker refuses new messages instead of blocking everybody',
    async run(world) {
      await eventually('it refuses', async () => (world.publishers!.refused > 0 ? true : undefined), 60)
      const [policy] = await world.broker.policies()
      const nodes = await world.broker.nodes()
      check(!nodes.some(({ blocked }) => blocked), 'it blocks again')
      return `policy ${policy?.name}: ${JSON.stringify(policy?.definition)}`
    },
  },
  {
    does: 'The consumers are back, the publishers stop: every message was consumed or is kept, none is lost, none is there twice',
    async run(world) {
      back = await consumer(world, HEAVY)
      await world.publishers!.stop()
      await eventually('the queue is empty', async () => ((await isEmpty(world)) ? true : undefined))
      await back.stop()
      const kept = await keptIds(world, RUN, HEAVY)
      const all = world.publishers!.confirmed
      same('messages', compare(all, [...kept, ...back.ids]), { lost: 0, doubled: 0, strange: 0 })
      const manifest = JSON.parse(
        (await world.evidence.get(manifestKey(await folderIn(world.evidence, RUN, HEAVY))))!,
      ) as Manifest
      same('the manifest', [manifest.count, manifest.doubtful], [kept.length, 0])
      check(kept.length > 1000, `only ${kept.length} are kept`)
      return `${all.length} published and confirmed = ${kept.length} kept + ${back.ids.length} consumed; ${world.publishers!.refused} times refused and sent again`
    },
  },
]

export async function isEmpty({ connect }: Pick<World, 'connect'>, queue = HEAVY): Promise<boolean> {
  const connection = await connect()
  const channel = await connection.createChannel()
  const { messageCount } = await channel.checkQueue(queue)
  await connection.close()
  return messageCount === 0
}
