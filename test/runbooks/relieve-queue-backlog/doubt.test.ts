// A chunk of messages without ids that a crash left in doubt: only the broker's own totals can settle it, once they count what was before the crash.
import { copyTurn } from '../../../lambda/runbooks/relieve-queue-backlog/rabbitmq/copy.ts'
import {
  chunkKey,
  chunkOf,
  sumKey,
  type KeptMessage,
} from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { FOLDER, QUEUE, world, type World } from './rabbitmq-world.ts'

const SOURCE = {
  kind: 'rabbitmq' as const,
  run: 'INC-0001-1',
  service: 'message-broker',
  vhost: 'studio',
  queue: QUEUE,
}
const EXTENT = { keep: 0, most: 20, followed: true }

const message = (n: number, messageId?: string): KeptMessage => ({
  body: Buffer.from(`tick ${n}`).toString('base64'),
  properties: { headers: {}, ...(messageId !== undefined && { messageId }) },
  exchange: '',
  routingKey: QUEUE,
  redelivered: false,
})

/** The process died with this chunk stored; `isCounted`: and its sum. */
async function died(messages: KeptMessage[], isCounted = false): Promise<World & { takes: () => number }> {
  const here = world({}, 20)
  const { text, sum } = chunkOf(FOLDER, 1, 0, messages)
  await here.evidence.put(chunkKey(FOLDER, 1), text)
  if (isCounted) await here.evidence.put(sumKey(FOLDER, 1), JSON.stringify(sum))
  let takes = 0
  const { take } = here.broker
  here.broker.take = (...args) => {
    takes++
    return take(...args)
  }
  return { ...here, takes: () => takes }
}

const WAITS = { going: 'waits until the broker has counted again', againInSeconds: 10 }

test('it waits for them before it looks at the queue, and once only', async () => {
  const here = await died([message(0), message(1)])
  const first = await copyTurn(here.tools, undefined, SOURCE, EXTENT)
  expect(first).toMatchObject(WAITS)
  expect(here.takes()).toBe(0)
  const state = 'state' in first ? first.state : undefined
  expect(await copyTurn(here.tools, state, SOURCE, EXTENT)).not.toMatchObject({ going: WAITS.going })
  expect(here.takes()).toBeGreaterThan(0)
})

test.each([
  ['ids tell them apart', [message(0, 'a'), message(1, 'b')], false],
  ['their removal is written down', [message(0), message(1)], true],
])('it does not where %s', async (_, messages, isCounted) => {
  const here = await died(messages, isCounted)
  expect(await copyTurn(here.tools, undefined, SOURCE, EXTENT)).not.toMatchObject({ going: WAITS.going })
})
