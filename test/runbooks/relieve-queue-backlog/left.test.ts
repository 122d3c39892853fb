// What is left to do once a queue is empty, as the broker and the store say it at any time.
import type { Leftover } from '../../../lambda/runbooks/runbook.ts'
import { about, COUNT, everything, QUEUE, run, runbook, world, type World } from './rabbitmq-world.ts'

const leaves = runbook.leaves!
const DAY_MS = 86_400_000

/** A run on a queue without a consumer has ended. */
async function relieved(options: Record<string, unknown> = {}): Promise<{ made: World; needed: unknown }> {
  const made = world()
  const { facts } = await runbook.look(made.tools, about(options))
  await run(made, options)
  return { made, needed: JSON.parse(JSON.stringify(leaves.about(facts))) as unknown }
}

const now = ({ made, needed }: Awaited<ReturnType<typeof relieved>>, before: Leftover[] = []) =>
  leaves.look(made.tools, about(), needed, before)
const ids = async (of: Awaited<ReturnType<typeof relieved>>): Promise<string[]> =>
  (await now(of)).items.map(({ id }) => id)

test('its consumer, its messages and its limit', async () => {
  const of = await relieved()
  const { items, ends } = await now(of)
  expect(items.map(({ text }) => text)).toEqual([
    'bring a consumer of campaign-jobs back',
    'send 12,500 messages of campaign-jobs back (in s3://tocsin-evidence/INC-0001-1/campaign-jobs/)',
    expect.stringContaining('take the limit off campaign-jobs (new messages above ') as string,
  ])
  expect(ends).toBeUndefined()
  // Without a consumer they would only pile up again.
  expect(items.map(({ offer }) => offer?.label)).toEqual([undefined, undefined, 'Take the limit off'])
  expect(items[1]!.command).toBe('npx tocsin republish --run INC-0001-1')
})

test('with a consumer, the messages go back with a button, each once, and are not left any more', async () => {
  const of = await relieved()
  of.made.broker.queuesByName.get(QUEUE)!.consumers = 1
  const { items } = await now(of)
  expect(items.map(({ id, offer }) => [id, offer?.label])).toEqual([
    ['messages', 'Send 12,500 back'],
    ['limit', 'Take the limit off'],
  ])
  // Such a queue takes them all only without its limit.
  await leaves.step('limit', about(), of.needed).turn(of.made.tools, undefined)
  expect(await ids(of)).toEqual(['messages'])
  const step = leaves.step('messages', about(), of.needed)
  const back: string[] = []
  const said: string[] = []
  let turn = await step.turn(of.made.tools, undefined)
  for (let n = 0; n < 100 && 'going' in turn; n++) {
    said.push(turn.going)
    // What came back blocks everybody until the consumer has worked some of it off.
    back.push(...of.made.broker.consume(QUEUE, n > 2 ? COUNT : 0))
    turn = await step.turn(of.made.tools, turn.state)
  }
  expect(turn).toMatchObject({ done: expect.stringContaining('12,500 messages are back') as string })
  expect(await ids(of)).toEqual([])
  expect(said).toContain('waits: the broker blocks publishers')
  back.push(...of.made.broker.consume(QUEUE, COUNT))
  expect(back.toSorted()).toEqual(everything().toSorted())
})

test('without one it is refused, and says why', async () => {
  const of = await relieved()
  const turn = leaves.step('messages', about(), of.needed).turn(of.made.tools, undefined)
  await expect(turn).rejects.toThrow('campaign-jobs has no consumer')
})

test('the limit ends by itself once the queue was short for a day, and not while it is long', async () => {
  const of = await relieved()
  const first = await now(of)
  const since = first.items.find(({ id }) => id === 'limit')!.since
  expect(since).toBe(of.made.clock.now)
  of.made.clock.now += DAY_MS - 1000
  expect((await now(of, first.items)).ends).toBeUndefined()
  of.made.clock.now += 1000
  expect((await now(of, first.items)).ends).toBe('limit')
  of.made.broker.add(QUEUE, COUNT)
  const long = await now(of, first.items)
  expect([long.ends, long.items.find(({ id }) => id === 'limit')!.since]).toEqual([undefined, undefined])
})

test('a policy that somebody has changed is theirs', async () => {
  const of = await relieved()
  const policy = (await of.made.broker.policies()).find(({ name }) => name === `tocsin-${QUEUE}`)!
  await of.made.broker.setPolicy({ ...policy, definition: { ...policy.definition, overflow: 'drop-head' } })
  expect(await ids(of)).toEqual(['consumer', 'messages'])
})
