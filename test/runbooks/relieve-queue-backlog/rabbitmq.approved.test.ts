// relieve-queue-backlog on RabbitMQ: it takes what was approved and no more, and gives back what did not help.
import { chunkKey } from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'

import { runbook, QUEUE, type World, world, about, run, keptIn, everything } from './rabbitmq-world.ts'

test('what is to stay stays, however fast consumers are', async () => {
  const here = world({ consumers: 2 })
  const { take } = here.broker
  here.broker.take = (...args) => {
    here.broker.consume(QUEUE, 400)
    return take(...args)
  }
  await run(here, { mode: 'shed', downTo: 1_000, prevent: false })
  expect(here.broker.ids(QUEUE).length).toBeGreaterThanOrEqual(600)
  expect(keptIn(here).length).toBeGreaterThan(3_000)
})

describe('a limit that somebody changes', () => {
  const own = (definition: Record<string, unknown>) => ({
    ...{ name: 'tocsin-campaign-jobs', pattern: '^campaign-jobs$', applyTo: 'queues', priority: 1 },
    definition,
  })

  test('before it is set stays as it is', async () => {
    const here = world()
    here.broker.policiesByName.set('tocsin-campaign-jobs', own({ 'max-length': 20_000, overflow: 'reject-publish' }))
    const theirs = own({ 'max-length': 50_000 })
    const ran = await run(
      here,
      {},
      { before: () => void here.broker.policiesByName.set('tocsin-campaign-jobs', theirs) },
    )
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'failed'])
    expect(here.broker.policiesByName.get('tocsin-campaign-jobs')).toEqual(theirs)
  })

  test('after it was set is not taken off', async () => {
    const here = world()
    const theirs = own({ 'message-ttl': 5 })
    const { nodes } = here.broker
    here.broker.nodes = async () => {
      const seen = (await nodes()).map((node) => ({ ...node, memoryUsed: node.memoryLimit + 1 }))
      if (here.broker.acts.filter((act) => act.startsWith('set')).length === 2)
        here.broker.policiesByName.set('tocsin-campaign-jobs', theirs)
      return seen
    }
    const ran = await run(here, {})
    expect(ran.steps.map(({ text }) => text).join()).toContain('stays: somebody has changed it since')
    expect(here.broker.policiesByName.get('tocsin-campaign-jobs')).toEqual(theirs)
  })
})

describe('what did not help', () => {
  /** Something else keeps it unhealthy: its level is above, whatever is done. */
  const inVain = (here: World): void => {
    const { nodes } = here.broker
    here.broker.nodes = async () => (await nodes()).map((node) => ({ ...node, memoryUsed: node.memoryLimit + 1 }))
    here.broker.queuesByName.get(QUEUE)!.consumers = 2
  }

  test('is given back to consumers who still work, in order', async () => {
    const here = world({ bytesEach: 3_000 })
    inVain(here)
    const ran = await run(here, { prevent: false })
    expect(ran.health?.ok).toBe(false)
    expect(ran.steps.at(-1)).toEqual({
      name: 'Move the messages of campaign-jobs to S3',
      is: 'undone',
      text: '12,500 messages are back in campaign-jobs',
    })
    expect(here.broker.ids(QUEUE)).toEqual(everything())
  })

  test('is given back once, whenever that dies', async () => {
    const here = world({ bytesEach: 3_000 })
    inVain(here)
    for (const when of ['before', 'after'] as const) here.evidence.dieAt('republished.json', when)
    await run(here, { prevent: false })
    expect(here.evidence.deaths()).toBe(2)
    expect(here.broker.ids(QUEUE)).toEqual(everything())
  })

  test('stays in S3 where a consumer may have had some of it already', async () => {
    const here = world({ bytesEach: 3_000 })
    inVain(here)
    here.evidence.dieAt(chunkKey('/', 1), 'after')
    const { queues } = here.broker
    let consumed = false
    here.broker.queues = async () => {
      if (here.evidence.deaths() === 1 && !consumed) consumed = here.broker.consume(QUEUE, 480).length > 0
      return queues()
    }
    const ran = await run(here, { minMessages: 10_000, prevent: false })
    expect(ran.steps.at(-1)!.text).toContain('because a consumer may have had 480 messages of them already')
    expect(here.broker.ids(QUEUE)).toEqual([])
  })

  test('is given back until the broker blocks publishers again', async () => {
    const here = world()
    inVain(here)
    const ran = await run(here, { prevent: false })
    expect(ran.steps.at(-1)!.text).toMatch(
      /^[\d,]+ messages are back in campaign-jobs, [\d,]+ messages stay in s3:.*, because the broker blocks publishers/,
    )
    expect([...here.broker.ids(QUEUE)].length).toBeGreaterThan(9_000)
  })

  test('stays in S3 where a step failed: that it was taken may be all that helps', async () => {
    const here = world()
    here.broker.deny('setPolicy')
    const ran = await run(here)
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'failed', 'undone'])
    expect(keptIn(here)).toEqual(everything())
    expect(here.broker.ids(QUEUE)).toEqual([])
  })
})

describe('what was approved', () => {
  test('is a queue, and how much of it may go', async () => {
    const { scope } = await runbook.look(world({ published: 78, acknowledged: 0 }, 32_800).tools, about())
    expect(scope).toEqual({
      words: 'up to 80,000 messages of campaign-jobs',
      on: {
        queue: QUEUE,
        'virtual host': 'studio',
        type: 'classic',
        consumers: 'none',
        mode: 'purge',
        limit: 'yes',
        'messages that stay': '0',
      },
      bounds: { messages: 80_000, 'messages at most from then on': 3_400 },
    })
  })

  test.each([
    ['what came in the busiest ten minutes, also where nothing comes now', { published: 0 }, 33_000],
    ['what comes now, if that is more', { published: 50, acknowledged: 0 }, 43_000],
    ['what is there, if the broker keeps no rates', { peak: undefined, published: undefined }, 13_000],
  ])('covers %s', async (_, more, wanted) => {
    const here = world({ peak: 20_000, ...more })
    expect((await runbook.look(here.tools, about())).scope!.bounds!['messages']).toBe(wanted)
  })

  test('is all that goes: what is beyond stays, above a limit that makes room for it', async () => {
    const here = world({ grows: 240 })
    const ran = await run(here, { minBytes: 1e9 })
    expect(keptIn(here)).toEqual(everything(13_000))
    const left = here.broker.ids(QUEUE)
    expect(left.length).toBeGreaterThan(2_600)
    expect(ran.steps[2]!.text).toContain(', and no more than 13,000 were approved to go: its limit is ')
    const { definition } = here.broker.policiesByName.get('tocsin-campaign-jobs')!
    expect(definition['max-length']).toBeGreaterThan(left.length)
    expect(ran.health?.ok).toBe(true)
  })

  test('stays what it was when another queue is heavier by then', async () => {
    const here = world()
    here.broker.base = 10_000_000
    const before = (): void => void here.broker.add('payments', 20_000, { consumers: 3, bytesEach: 3_300 })
    const ran = await run(here, {}, { before })
    expect(ran.health?.ok).toBe(true)
    expect(here.broker.queuesByName.get('payments')!.messages).toHaveLength(20_000)
    expect(keptIn(here)).toEqual(everything())
  })
})

test('comes too late: the consumers were faster', async () => {
  const here = world()
  const ran = await run(
    here,
    {},
    { before: () => void here.broker.queuesByName.get(QUEUE)!.messages.splice(0, 12_400) },
  )
  expect(ran.steps).toEqual([
    {
      name: 'Move the messages of campaign-jobs to S3',
      is: 'failed',
      text: 'campaign-jobs holds only 100 messages (488 KiB) now',
    },
  ])
  expect(here.evidence.objects.size).toBe(0)
})
