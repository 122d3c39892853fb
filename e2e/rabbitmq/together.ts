// The harder cases: a quorum queue of identical messages, a slow consumer on the same queue, and a consumer at work while a republish is killed.
import { setTimeout as sleep } from 'node:timers/promises'
import { manifestKey, type Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { consumer, type Consumer } from './consumer.ts'
import { act, actAndDie, actToTheEnd, batches, mustDie, mustEnd, mustFail, republish, runOf } from './processes.ts'
import { compare, drain, folderIn, keptIds, surplus, type World } from './world.ts'

const newJob = (run: string, queue: string, minMessages = 500) => ({
  run,
  queue,
  options: { minMessages, prevent: false },
})

const ALONE = newJob('INC-0002-1', 'ledger', 1)
const ALIKE = newJob('INC-0003-1', 'ticks')
const SHARED = newJob('INC-0004-1', 'orders')
const [ALIKE_MESSAGES, SHARED_MESSAGES] = [2_500, 3_000]

interface Filled {
  queue: string
  count: number
  /** Of the queue. */
  args: Record<string, unknown>
  /** Without it, messages have no id. */
  idOf?: (i: number) => string
}

const FILLED: Filled[] = [
  { queue: ALONE.queue, count: 5, args: { 'x-single-active-consumer': true } },
  { queue: ALIKE.queue, count: ALIKE_MESSAGES, args: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 } },
  { queue: SHARED.queue, count: SHARED_MESSAGES, args: { 'x-queue-type': 'classic' }, idOf: (i) => `order-${i}` },
]

async function fill(world: World, { queue, count, args, idOf }: Filled): Promise<void> {
  const connection = await world.connect()
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(queue, { durable: true, arguments: args })
  for (let i = 0; i < count; i++)
    channel.sendToQueue(queue, Buffer.from('tick'), { persistent: true, ...(idOf && { messageId: idOf(i) }) })
  await channel.waitForConfirms()
  await connection.close()
}

const manifestOf = async ({ evidence }: World, { run, queue }: typeof ALIKE): Promise<Manifest> =>
  JSON.parse((await evidence.get(manifestKey(await folderIn(evidence, run, queue)))) ?? '{}') as Manifest

let slow: Consumer

export const together: Step<World>[] = [
  {
    does: 'Three more queues: one that serves one consumer only, one of messages that are all alike, one of orders',
    async run(world) {
      for (const one of FILLED) await fill(world, one)
      await eventually('the broker has counted them', async () => {
        const queues = await world.broker.queues()
        const isCounted = (one: Filled): boolean =>
          queues.some(({ name, messages }) => name === one.queue && messages === one.count)
        return FILLED.every(isCounted) || undefined
      })
    },
  },
  {
    does: 'A queue that serves one consumer only is left alone while that one is there, and the look says so',
    async run(world) {
      const { queue } = ALONE
      const connection = await world.connect()
      const channel = await connection.createChannel()
      await channel.prefetch(1)
      await channel.consume(queue, () => undefined)
      // Before the broker lists the consumer, a look would not know of it; then the broker gives nothing.
      const why = await world.broker
        .take(queue, { messages: 5, bytes: Infinity }, async () => 'remove')
        .catch((error: unknown) => error)
      check(why instanceof Refused && why.message.includes('single active consumer'), `it said ${String(why)}`)
      await eventually('the broker lists it', async () => {
        const queues = await world.broker.queues()
        return queues.some(({ name, consumers }) => name === queue && consumers.length === 1) || undefined
      })
      const said = mustFail(await act(world, ALONE))
      await connection.close()
      const run = await runOf(world, ALONE)
      same('the run and its steps', [run?.status, run?.steps], ['withdrawn', []])
      check(run!.why!.includes('single active consumer'), `the board says ${run!.why}`)
      same('left', (await drain(world, queue)).length, 5)
      return said
    },
  },
  {
    does: 'A quorum queue that gives back twice, of messages that are all alike and have no id, killed at each point: the numbers agree',
    async run(world) {
      await actAndDie(world, ALIKE, { at: 'stored', chunk: 1 })
      await actAndDie(world, ALIKE, { at: 'removed', chunk: 2 })
      await actAndDie(world, ALIKE, { at: 'taken', chunk: 3 })
      await actToTheEnd(world, ALIKE, 1)
      const { count, doubtful } = await manifestOf(world, ALIKE)
      const left = (await drain(world, ALIKE.queue)).length
      same('kept, left and in doubt', [count + left, doubtful], [ALIKE_MESSAGES, 0])
      return `${count} kept + ${left} left = ${ALIKE_MESSAGES}`
    },
  },
  {
    does: 'A slow consumer at the same queue, and two kills: nothing is lost; what may be double is said',
    async run(world) {
      slow = await consumer(world, SHARED.queue, 5)
      await actAndDie(world, SHARED, { at: 'stored', chunk: 1 })
      await actAndDie(world, SHARED, { at: 'removed', chunk: 2 })
      await actToTheEnd(world, SHARED, 1)
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
      const { lost } = compare(kept, back.ids)
      // What was in doubt before may be in the copy twice.
      same('sent more often than it was kept', surplus(kept, back.ids), 0)
      check(lost <= uncertain, `${lost} did not come, but only ${uncertain} are said to be uncertain`)
      if (uncertain > 0) mustEnd(await republish(world, SHARED.run, ['--uncertain', 'send']))
      await sleep(500)
      await back.stop()
      same('lost in the end', compare(kept, back.ids).lost, 0)
      return `${uncertain} were uncertain, ${uncertain - lost} of them had arrived`
    },
  },
]
