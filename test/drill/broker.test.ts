// A broker of the simulated world: every message is counted, and limits do what RabbitMQ's do.
import { describe, expect, test } from '@jest/globals'
import { countMessages } from '../../drill/count.ts'
import { brokerPort } from '../../drill/world/ports/broker.ts'
import type { QueuePlan } from '../../drill/world/plan/schema.ts'
import { simulate, type SimulatedWorld } from '../../drill/world/world.ts'
import { virtualClock } from '../../replay/clock.ts'
import { planOf, runFor } from './worlds.ts'

const MIB = 1024 * 1024

function withQueue(queue: Partial<QueuePlan>, limitMiB = 1000, version = '3.13.7'): SimulatedWorld {
  return simulate(
    planOf({
      brokers: {
        b: {
          version,
          memory: { limitMiB, baseMiB: 100 },
          disk: { totalMiB: 10_000, otherMiB: 1000, freeLimitMiB: 500 },
          queues: { q: { messageBytes: 1000, messageSpread: 0, ...queue } },
        },
      },
    }),
  )
}

const queueOf = (world: SimulatedWorld) => world.brokers.get('b')!.queues.get('q')!
const policy = (definition: Record<string, unknown>) => ({
  name: 'p',
  pattern: '^q$',
  definition,
  applyTo: 'queues',
  priority: 1,
})

describe('a queue', () => {
  test('with a consumer that keeps up holds only what is under way', () => {
    const world = withQueue({ publishedPerSecond: 50, consumedPerSecond: 60 })
    runFor(world, 100)
    expect(queueOf(world).messages()).toBe(0)
    expect(countMessages(world, [])).toEqual({
      published: 5000,
      consumed: 5000,
      kept: 0,
      republished: 0,
      lost: 0,
      doubled: 0,
    })
  })

  test.each([
    ['gone', { consumers: 0 }, 3000],
    ['slow', { consumed: 10 }, 2000],
  ])('whose consumer is %s grows by the difference', (_, change, expected) => {
    const world = withQueue({ publishedPerSecond: 30, consumedPerSecond: 40 })
    runFor(world, 10)
    Object.assign(queueOf(world).rates, change)
    runFor(world, 100)
    expect(queueOf(world).messages()).toBe(expected)
    expect(queueOf(world).bytes()).toBe(expected * 1000)
  })

  test('gets back what a consumer held that is gone, at its head and marked as delivered before', () => {
    const world = withQueue({ publishedPerSecond: 10, consumers: 2, prefetch: 5, consumedPerSecond: 0 })
    runFor(world, 3)
    expect([queueOf(world).ready.length, queueOf(world).held.length]).toEqual([20, 10])
    queueOf(world).rates.consumers = 0
    runFor(world, 1)
    expect([...queueOf(world).ready].slice(0, 11)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(queueOf(world).ledger.redelivered).toEqual(new Map(Array.from({ length: 10 }, (_, n) => [n, 1])))
  })
})

describe('limits', () => {
  test('above the memory limit publishers block, consumers do not', () => {
    const world = withQueue({ publishedPerSecond: 1000, messageBytes: MIB, consumers: 0 }, 500)
    runFor(world, 3)
    const before = queueOf(world).messages()
    expect(world.brokers.get('b')!.blocked()).toBe(true)
    runFor(world, 10)
    expect(queueOf(world).messages()).toBe(before)
    Object.assign(queueOf(world).rates, { consumers: 10, consumed: 900, published: 0 })
    runFor(world, 5)
    expect(world.brokers.get('b')!.blocked()).toBe(false)
  })

  test('below the limit of the disk they block too, whatever filled it', () => {
    const world = withQueue({})
    world.brokers.get('b')!.rates.disk = 1000
    runFor(world, 9)
    expect(world.brokers.get('b')!.blocked()).toBe(true)
  })

  test.each([
    ['reject-publish', { lost: 0, published: 100 }],
    ['drop-head', { lost: 100, published: 200 }],
  ])('a queue that is full: %s', (overflow, expected) => {
    const world = withQueue({ publishedPerSecond: 50, consumers: 0 })
    world.brokers.get('b')!.policies.set('p', policy({ 'max-length': 100, overflow }))
    runFor(world, 4)
    expect(queueOf(world).ready.length).toBe(100)
    expect(countMessages(world, [])).toMatchObject(expected)
  })
})

describe('a quorum queue whose messages come back again and again', () => {
  test.each([
    ['keeps them before RabbitMQ 4', '3.13.7', {}, 30, 2],
    ['drops them after 20 times since', '4.1.3', {}, 20, 2],
    ['drops them after so many times as it says', '4.1.3', { deliveryLimit: 3 }, 3, 2],
    ['also before', '3.13.7', { deliveryLimit: 3 }, 3, 2],
  ])('%s', (_, version, queue, times, wanted) => {
    const world = withQueue({ type: 'quorum', messagesAtStart: 2, consumers: 0, ...queue }, 1000, version)
    const { take, giveBack, messages } = queueOf(world)
    for (let n = 0; n < times; n++) giveBack(take(10))
    expect(messages()).toBe(wanted)
    giveBack(take(10))
    expect(messages()).toBe(version.startsWith('3') && !('deliveryLimit' in queue) ? wanted : 0)
    expect(countMessages(world, []).lost).toBe(2 - messages())
  })
})

describe('taking messages', () => {
  const port = (world: SimulatedWorld) => {
    const clock = virtualClock(0)
    const broker = brokerPort(world, world.brokers.get('b')!, clock)
    return { broker, done: async <T>(work: Promise<T>): Promise<T> => (await Promise.all([work, clock.run()]))[0] }
  }

  test('in order; what is not kept goes back to its place', async () => {
    const world = withQueue({ messagesAtStart: 10, consumers: 0 })
    const { broker, done } = port(world)
    const ids: unknown[] = []
    const see = async (messages: { properties: Record<string, unknown> }[]) => {
      ids.push(...messages.map(({ properties }) => properties['messageId']))
      return 'return' as const
    }
    expect(await done(broker.take('q', { messages: 3, bytes: Infinity }, see))).toBe(0)
    expect(ids).toEqual(['q/0', 'q/1', 'q/2'])
    expect([...queueOf(world).ready]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(queueOf(world).ledger.redelivered).toEqual(
      new Map([
        [0, 1],
        [1, 1],
        [2, 1],
      ]),
    )
    await expect(
      done(broker.take('q', { messages: 3, bytes: Infinity }, () => Promise.reject(new Error('S3 is away')))),
    ).rejects.toThrow('S3 is away')
    expect(queueOf(world).messages()).toBe(10)
  })

  test('removed without a whole copy they are lost; sent back twice they are doubled', async () => {
    const world = withQueue({ messagesAtStart: 10, consumers: 0 })
    const { broker, done } = port(world)
    const kept: string[] = []
    const keep = async (messages: object[]) => {
      kept.push(...messages.slice(0, 3).map((message) => JSON.stringify(message)))
      return 'remove' as const
    }
    expect(await done(broker.take('q', { messages: 5, bytes: Infinity }, keep))).toBe(5)
    expect(countMessages(world, kept)).toMatchObject({ published: 10, kept: 3, lost: 2, doubled: 0 })
    const damaged = kept.map((line) => line.replace('"body":"ey', '"body":"ez'))
    expect(countMessages(world, damaged)).toMatchObject({ kept: 0, lost: 5 })
    const again = [JSON.parse(kept[0]!) as Parameters<typeof broker.publish>[1][number]]
    await done(broker.publish('q', again))
    await done(broker.publish('q', again))
    expect(countMessages(world, kept)).toMatchObject({ republished: 2, doubled: 1 })
  })

  test('a queue that is not there is refused', async () => {
    const { broker, done } = port(withQueue({}))
    await expect(done(broker.take('x', { messages: 1, bytes: Infinity }, async () => 'return'))).rejects.toThrow(
      'there is no queue x on b',
    )
  })
})
