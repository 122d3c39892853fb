// The kept messages go back, by a command that is killed again and again: each arrives once, in order.
import { check, eventually, same, type Step } from '../support/steps.ts'
import { consumer } from './consumer.ts'
import { batches, mustDie, mustEnd, republish } from './processes.ts'
import { isEmpty, RUN } from './relieving.ts'
import { compare, HEAVY, keptIds, type World } from './world.ts'

let kept: string[] = []

export const republishing: Step<World>[] = [
  {
    does: 'tocsin republish says first what it would do',
    async run(world) {
      kept = await keptIds(world, RUN, HEAVY)
      const { said, code } = await republish(world, RUN, ['--dry-run'])
      same('exit code', code, 0)
      check(await isEmpty(world), 'the dry run has sent something')
      return said
    },
  },
  {
    does: 'Killed four times while it sends',
    async run(world) {
      const lines = []
      for (const more of [2, 3, 4, 5]) {
        mustDie(await republish(world, RUN, ['--rate', '400'], batches(world, RUN, HEAVY, more)))
        lines.push(`killed with ${(await idsIn(world)).length} in the queue`)
      }
      const ids = await idsIn(world)
      same('in the queue', compare(kept.slice(0, ids.length), ids), { lost: 0, doubled: 0, strange: 0 })
      check(ids.length > 0, 'nothing was sent before it was killed')
      return lines.join('\n')
    },
  },
  {
    does: 'Called once more, it finds out what had arrived when it was killed',
    async run(world) {
      // What fits below the queue's limit of 1,200: a full queue would be waited for.
      const { said, signal } = await republish(world, RUN, ['--limit', '200'])
      same('it was killed', signal, undefined)
      const ids = await idsIn(world)
      same('in the queue', compare(kept.slice(0, ids.length), ids), { lost: 0, doubled: 0, strange: 0 })
      return said
    },
  },
  {
    does: 'A consumer is back, and the rest follows: every message came back, once, in order',
    async run(world) {
      const back = await consumer(world, HEAVY)
      const said = mustEnd(await republish(world, RUN, ['--rate', '5000']))
      await eventually('all are consumed', async () => (back.ids.length >= kept.length ? true : undefined))
      await back.stop()
      same('messages', compare(kept, back.ids), { lost: 0, doubled: 0, strange: 0 })
      same('their order', back.ids.join() === kept.join(), true)
      return said
    },
  },
  {
    does: 'Once more sends nothing',
    async run(world) {
      const said = mustEnd(await republish(world, RUN, []))
      check(await isEmpty(world), 'something was sent')
      return said
    },
  },
]

/** Looks without consuming. */
async function idsIn({ broker }: World): Promise<string[]> {
  const messages = await broker.look(HEAVY, { messages: 50_000, bytes: Infinity })
  return messages.map(({ properties }) => String(properties['messageId']))
}
