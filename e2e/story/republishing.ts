// The consumers are back, and so is every message: once.
import { grouped } from '../../lambda/runbooks/relieve-queue-backlog/backlog.ts'
import { consumer } from '../rabbitmq/consumer.ts'
import { isEmpty } from '../rabbitmq/relieving.ts'
import { compare, HEAVY, keptIds } from '../rabbitmq/world.ts'
import { succeeds } from '../support/commands.ts'
import { shows } from '../deploy/alarming.ts'
import { eventually, same, type Step } from '../support/steps.ts'
import { SERVICE } from './backing-up.ts'
import { evidenceOf } from './evidence.ts'
import { press, short } from './proposal.ts'
import { incidentOf, runOf, type World } from './world.ts'

export const republishing: Step<World>[] = [
  {
    does: 'consumers are back, tocsin republish sends the kept messages: every message has come, once',
    async run(world) {
      const { id } = await runOf(world, SERVICE)
      const back = await consumer(world, HEAVY)
      await world.publishers.stop()
      const order = ['republish', '--run', id, '--rate', '5000', '--yes', '--config', world.configFile]
      const { stdout } = await succeeds('tocsin republish', world.tocsin(order))
      await eventually('the queue is empty', async () => (await isEmpty(world)) || undefined)
      await back.stop()
      const { confirmed, refused } = world.publishers
      same('messages', compare(confirmed, back.ids), { lost: 0, doubled: 0, strange: 0 })
      const kept = (await keptIds({ evidence: evidenceOf(world) }, id, HEAVY)).length
      return [
        ...stdout.split('\n'),
        `${grouped(confirmed.length)} published and confirmed = ${grouped(kept)} kept and sent back + ${grouped(confirmed.length - kept)} that were still in the queue`,
        `0 lost, 0 doubled; publishers were refused ${grouped(refused)} times and sent again`,
      ].join('\n')
    },
  },
  {
    does: 'Ana takes the limit off with its button: nothing is left, and the incident resolves by itself',
    async run(world) {
      await press(world, SERVICE, 'do-left:limit')
      const { id } = await incidentOf(world, SERVICE)
      const text = await shows(world.slack, world.messages[id]!, /resolved/i, 90)
      same('policies', await world.broker.policies(), [])
      const { timeline } = await incidentOf(world, SERVICE)
      const told = timeline.map(({ at, text: what }) => `${new Date(at).toISOString().slice(11, 19)} ${what}`)
      return [text, ...told.map(short)].join('\n')
    },
  },
]
