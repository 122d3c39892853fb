// relieve-queue-backlog on RabbitMQ: nothing is lost or doubled unsaid, wherever it dies and whatever the store refuses.
import { chunkKey, sumKey } from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { type Ran } from '../drive.ts'

import { QUEUE, COUNT, type World, world, run, keptIn, manifestIn, everything } from './rabbitmq-world.ts'

const deathsOf = (chunks: number[]): [string, string, 'before' | 'after'][] =>
  chunks.flatMap((n): [string, string, 'before' | 'after'][] => [
    [`with chunk ${n} taken`, chunkKey('/', n), 'before'],
    [`with chunk ${n} stored and not removed`, chunkKey('/', n), 'after'],
    [`with chunk ${n} removed and not recorded`, sumKey('/', n), 'before'],
    [`with chunk ${n} removed and recorded`, sumKey('/', n), 'after'],
  ])

describe('it dies', () => {
  test.each(deathsOf([1, 2, Math.ceil(COUNT / 480)]))('%s: nothing is lost, nothing doubled', async (_, end, when) => {
    for (const alike of [false, true]) {
      const here = world({ alike, grows: 3 })
      here.evidence.dieAt(end, when)
      await run(here, { prevent: false })
      expect(here.evidence.deaths()).toBe(1)
      const { count, doubtful } = manifestIn(here)
      expect({ count, doubtful }).toEqual({ count: COUNT, doubtful: 0 })
      if (alike) continue
      const all = [...keptIn(here), ...here.broker.ids(QUEUE)]
      expect(all).toEqual(everything(all.length))
    }
  })

  test('again and again at the same place: nothing is lost, nothing doubled', async () => {
    const here = world()
    for (let i = 0; i < 3; i++) here.evidence.dieAt(chunkKey('/', 1), 'after')
    here.evidence.dieAt(sumKey('/', 1), 'before')
    await run(here, { prevent: false })
    expect(here.evidence.deaths()).toBe(4)
    expect(keptIn(here)).toEqual(everything())
  })

  /** Dies twice once the first chunk is removed; the messages at the head are others, and are marked as well the second time. */
  const compared = async (here: World): Promise<Ran> => {
    here.evidence.dieAt(sumKey('/', 1), 'before')
    here.evidence.dieAt(sumKey('/', 1), 'before')
    const ran = await run(here, { prevent: false })
    expect(here.evidence.deaths()).toBe(2)
    return ran
  }

  test('while it compared look-alikes: what the broker has counted proves that nobody else had them', async () => {
    const here = world({ alike: true })
    await compared(here)
    expect(manifestIn(here)).toMatchObject({ count: COUNT, doubtful: 0 })
  })

  test('while it compared: look-alikes are rather doubled than lost, and the manifest says so', async () => {
    const here = world({ alike: true })
    // Somebody else has worked off one.
    const { take } = here.broker
    here.broker.take = (...args) => {
      if (here.evidence.deaths() === 1) here.broker.queuesByName.get(QUEUE)!.counts.acknowledged = 481
      return take(...args)
    }
    const { steps } = await compared(here)
    expect(manifestIn(here)).toMatchObject({ count: COUNT, doubtful: 480 })
    expect(steps[0]!.text).toContain('480 of these messages may be in the queue as well')
  })

  test('and a consumer took some of what came back: nothing is lost', async () => {
    const here = world()
    const queue = here.broker.queuesByName.get(QUEUE)!
    const consumed: string[] = []
    here.evidence.dieAt(chunkKey('/', 1), 'after')
    const { take } = here.broker
    here.broker.take = (...args) => {
      if (here.evidence.deaths() === 1 && consumed.length === 0) {
        queue.consumers = 1
        consumed.push(...queue.messages.splice(0, 100).map(({ properties }) => String(properties['messageId'])))
      }
      return take(...args)
    }
    await run(here, { prevent: false })
    expect(consumed).toHaveLength(100)
    expect([...consumed, ...keptIn(here)].sort()).toEqual(everything().sort())
    expect(manifestIn(here).doubtful).toBe(0)
  })

  test('and consumers emptied the queue since: what they may have had is in doubt', async () => {
    const here = world({}, 450)
    const consumed: string[] = []
    here.evidence.dieAt(chunkKey('/', 1), 'after')
    const { queues } = here.broker
    here.broker.queues = async () => {
      if (here.evidence.deaths() === 1 && consumed.length === 0) consumed.push(...here.broker.consume(QUEUE, 450))
      return queues()
    }
    const { steps } = await run(here, { minMessages: 400, prevent: false })
    expect([consumed, keptIn(here)]).toEqual([everything(450), everything(450)])
    expect(manifestIn(here).doubtful).toBe(450)
    expect(steps[0]!.text).toContain(
      '450 of these messages may be in the queue as well, or a consumer may have had them',
    )
  })
})

describe('a queue that gives nothing back too often', () => {
  const small = (limit: number) => ({ type: 'quorum' as const, arguments: { 'x-delivery-limit': limit } })
  /** S3 throttles this many writes of chunks. */
  const throttled = (here: World, times: number): void => {
    const { put } = here.evidence
    let left = times
    here.evidence.put = async (key, body) => {
      if (key.endsWith('.jsonl') && left-- > 0) throw new Error('SlowDown: please reduce your request rate')
      return put(key, body)
    }
  }

  test.each([
    ['four times of six', 4],
    ['for a minute', 9],
  ])('keeps all its messages where S3 is throttled %s', async (_, times) => {
    const here = world(small(2), 11_000)
    throttled(here, times)
    await run(here, { prevent: false })
    expect(here.broker.queuesByName.get(QUEUE)!.counts.dropped).toBe(0)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything(11_000))
  })

  test('fails after a minute without S3, and has given each message back once', async () => {
    const here = world(small(2), 11_000)
    throttled(here, Infinity)
    const { steps } = await run(here, { prevent: false })
    expect(steps).toEqual([
      {
        name: 'Move the messages of campaign-jobs to S3',
        is: 'failed',
        text: 'no copy could be stored (SlowDown: please reduce your request rate): the 480 messages that were taken go back to the queue',
      },
    ])
    const { messages, counts } = here.broker.queuesByName.get(QUEUE)!
    expect([messages.length, counts.dropped]).toEqual([11_000, 0])
    expect(messages[0]!.properties['headers']).toMatchObject({ 'x-delivery-count': 1 })
  })

  test.each(deathsOf([1, 2, 23]))('%s: nothing is lost, nothing doubled', async (_, end, when) => {
    const here = world(small(1), 11_000)
    here.evidence.dieAt(end, when)
    await run(here, { prevent: false })
    expect(here.evidence.deaths()).toBe(1)
    expect(here.broker.queuesByName.get(QUEUE)!.counts.dropped).toBe(0)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything(11_000))
    expect(manifestIn(here)).toMatchObject({ count: 11_000, doubtful: 0 })
  })
})

describe('a queue that gives back once', () => {
  test('loses nothing where the notes of a comparison cannot be stored', async () => {
    const here = world({ type: 'quorum', arguments: { 'x-delivery-limit': 1 } }, 2_000)
    here.evidence.dieAt(sumKey('/', 1), 'before')
    const { put } = here.evidence
    let failures = 2
    here.evidence.put = async (key, body) => {
      if (here.evidence.deaths() === 1 && key.endsWith('/000001.json') && failures-- > 0) throw new Error('SlowDown')
      return put(key, body)
    }
    await run(here, { minMessages: 1_000, prevent: false })
    expect(here.broker.queuesByName.get(QUEUE)!.counts.dropped).toBe(0)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything(2_000))
  })

  test('does not give back what it only compared: that becomes the next chunk', async () => {
    const here = world({ type: 'quorum', arguments: { 'x-delivery-limit': 1 } }, 2_000)
    here.evidence.dieAt(sumKey('/', 1), 'before')
    here.evidence.dieAt(chunkKey('/', 2), 'before')
    await run(here, { minMessages: 1_000, prevent: false })
    expect([here.evidence.deaths(), here.broker.queuesByName.get(QUEUE)!.counts.dropped]).toEqual([2, 0])
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything(2_000))
  })

  test('holds what it may not give back for longer than a minute', async () => {
    const here = world({ type: 'quorum', arguments: { 'x-delivery-limit': 1 } }, 2_000)
    here.evidence.dieAt(chunkKey('/', 1), 'before')
    const { put } = here.evidence
    const until = here.clock.now + 150_000
    here.evidence.put = async (key, body) => {
      if (here.evidence.deaths() === 1 && key.endsWith('.jsonl') && here.clock.now < until) throw new Error('SlowDown')
      return put(key, body)
    }
    await run(here, { minMessages: 1_000, prevent: false })
    expect(here.broker.queuesByName.get(QUEUE)!.counts.dropped).toBe(0)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything(2_000))
  })

  test('and whose messages have no ids: others that came back before prove nothing', async () => {
    const here = world({ alike: true, type: 'quorum' }, 960)
    const { messages } = here.broker.queuesByName.get(QUEUE)!
    for (const message of messages.slice(480)) message.redelivered = true
    here.evidence.dieAt(sumKey('/', 1), 'before')
    await run(here, { minMessages: 500, prevent: false })
    expect(manifestIn(here).count + here.broker.ids(QUEUE).length).toBe(960)
  })
})
