// The harder cases: a quorum queue of identical messages, a slow consumer on the same queue, and a consumer at work while a republish is killed.
import { setTimeout as sleep } from 'node:timers/promises'
import { folderOf, manifestKey, type Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { consumer, type Consumer } from './consumer.ts'
import { act, batches, mustDie, mustEnd, newJournal, republish } from './processes.ts'
import { compare, drain, keptIds, type World } from './world.ts'

const newJob = (run: string, queue: string) => ({
  run,
  queue,
  journal: newJournal(),
  options: { minMessages: 500, prevent: false },
})

const ALONE = 'ledger'
const ALIKE = newJob('INC-0002-1', 'ticks')
const SHARED = newJob('INC-0003-1', 'orders')
const [ALIKE_MESSAGES, SHARED_MESSAGES] = [2_500, 3_000]

async function fill(
  world: World,
  { queue, type }: { queue: string; type: string },
  count: number,
  idOf?: (i: number) => string,
): Promise<void> {
  const connection = await world.connect()
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } })
  for (let i = 0; i < count; i++)
    channel.sendToQueue(queue, Buffer.from('tick'), { persistent: true, ...(idOf && { messageId: idOf(i) }) })
  await channel.waitForConfirms()
  await connection.close()
  await eventually(
    'the broker has counted them',
    async () =>
      (await world.broker.queues()).some(({ name, messages }) => name === queue && messages === count) || undefined,
  )
}

const manifestOf = async ({ evidence }: World, { run, queue }: typeof ALIKE): Promise<Manifest> =>
  JSON.parse((await evidence.get(manifestKey(folderOf(run, queue)))) ?? '{}') as Manifest

let slow: Consumer

export const together: Step<World>[] = [
  {
    does: 'A queue that serves one consumer only is left alone while that one is there, and it says why',
    async run(world) {
      const connection = await world.connect()
      const channel = await connection.createConfirmChannel()
      await channel.assertQueue(ALONE, { arguments: { 'x-single-active-consumer': true } })
      await channel.prefetch(1)
      await channel.consume(ALONE, () => undefined)
      for (let i = 0; i < 5; i++) channel.sendToQueue(ALONE, Buffer.from('one'))
      await channel.waitForConfirms()
      const why = await world.broker.take(ALONE, 5, async () => 'remove').catch((error: unknown) => error)
      await connection.close()
      check(why instanceof Refused && why.message.includes('single active consumer'), `it said ${String(why)}`)
      return why.message
    },
  },
  {
    does: 'A quorum queue of messages that are all alike and have no id, killed at each point: the numbers agree',
    async run(world) {
      await fill(world, { queue: ALIKE.queue, type: 'quorum' }, ALIKE_MESSAGES)
      mustDie(await act(world, ALIKE, { at: 'stored', chunk: 1 }))
      mustDie(await act(world, ALIKE, { at: 'removed', chunk: 2 }))
      mustDie(await act(world, ALIKE, { at: 'taken', chunk: 3 }))
      mustEnd(await act(world, ALIKE))
      const { count, doubtful } = await manifestOf(world, ALIKE)
      const left = (await drain(world, ALIKE.queue)).length
      same('kept, left and in doubt', [count + left, doubtful], [ALIKE_MESSAGES, 0])
      return `${count} kept + ${left} left = ${ALIKE_MESSAGES}`
    },
  },
  {
    does: 'A slow consumer at the same queue, and two kills: nothing is lost; what may be double is said',
    async run(world) {
      await fill(world, { queue: SHARED.queue, type: 'classic' }, SHARED_MESSAGES, (i) => `order-${i}`)
      slow = await consumer(world, SHARED.queue, 5)
      mustDie(await act(world, SHARED, { at: 'stored', chunk: 1 }))
      mustDie(await act(world, SHARED, { at: 'removed', chunk: 2 }))
      mustEnd(await act(world, SHARED))
      await sleep(500)
      await slow.stop()
      const kept = await keptIds(world, SHARED.run, SHARED.queue)
      const left = await drain(world, SHARED.queue)
      const all = Array.from({ length: SHARED_MESSAGES }, (_, i) => `order-${i}`)
      const { lost, doubled, strange } = compare(all, [...kept, ...slow.ids, ...left])
      const { doubtful } = await manifestOf(world, SHARED)
      same('lost and strange', [lost, strange], [0, 0])
      check(doubled <= doubtful, `${doubled} are double, but only ${doubtful} are in doubt`)
      return `${kept.length} kept, ${slow.ids.length} consumed meanwhile, ${left.length} left; ${doubled} double, ${doubtful} said to be in doubt`
    },
  },
  {
    does: 'A consumer at work while a republish is killed: none is sent twice; the command says which it left out, and sends them when told to',
    async run(world) {
      const kept = await keptIds(world, SHARED.run, SHARED.queue)
      const back = await consumer(world, SHARED.queue)
      mustDie(await republish(world, SHARED.run, ['--rate', '300'], batches(world, SHARED.run, SHARED.queue, 4)))
      const rest = await republish(world, SHARED.run, ['--rate', '3000'])
      await sleep(500)
      const uncertain = Number(/([\d,]+) messages? left out/.exec(rest.said)?.[1]?.replace(',', '') ?? 0)
      const { lost, doubled } = compare(kept, back.ids)
      same('sent twice', doubled, 0)
      check(lost <= uncertain, `${lost} did not come, but only ${uncertain} are said to be uncertain`)
      if (uncertain > 0) mustEnd(await republish(world, SHARED.run, ['--uncertain', 'send']))
      await sleep(500)
      await back.stop()
      same('lost in the end', compare(kept, back.ids).lost, 0)
      return `${uncertain} were uncertain, ${uncertain - lost} of them had arrived`
    },
  },
]
