// The batching window of intake: what it takes beyond what it was given, how long it waits, and that nothing is lost by it.
import { describe, expect, test } from '@jest/globals'
import { processOf, wrapped } from '../../drill/world/faults.ts'
import { checkConfig } from '../../lambda/config.ts'
import { keyOf } from '../../lambda/core/intake/envelopes.ts'
import { INTAKE } from '../../lambda/core/facts/queues.ts'
import type { Inbox, Incoming, Received } from '../../lambda/ports/runtime.ts'
import { takeIn, windowOf } from '../../lambda/stages/window.ts'
import { readIndex } from '../../lambda/store/read-index.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'

describe('a batch that cannot be taken in', () => {
  const taking = async (slowMs: number, breaks: (pks: readonly string[]) => boolean) => {
    const hub = await hubWith(20)
    const { getMany } = hub.played.table
    let tries = 0
    hub.played.table.getMany = async (keys) => {
      const pks = keys.map(({ pk }) => pk).filter((pk) => pk.startsWith('ALARM#'))
      if (pks.length > 0) tries++
      hub.now += slowMs
      if (breaks(pks)) throw new Error('throttled')
      return getMany(keys)
    }
    const { failed } = await hub.take(queueOf(), many(50))
    return { tries, failed, tookMs: hub.now - at(1) }
  }

  test('is taken in without the message that is to blame, in a few tries', async () => {
    const bad = `ALARM#${keyOf('111122223333', 'eu-central-1', 'new-33')}`
    const { failed, tries } = await taking(5, (pks) => pks.includes(bad))
    expect(failed).toEqual(['new-33'])
    expect(tries).toBeLessThan(15)
  })

  test('comes again if the table stays slow and refuses all, long before the function runs out of time', async () => {
    const { failed, tookMs } = await taking(700, () => true)
    expect(failed).toHaveLength(50)
    expect(tookMs).toBeLessThan(15_000)
  })
})

test.each([
  [0, undefined],
  [20_479, undefined],
  [20_480, 0],
  [61_440, 500],
  [102_400, 1000],
  [350_000, 1000],
])('an index of %d bytes waits for %d ms', (bytes, ms) => {
  expect(windowOf(bytes)).toBe(ms)
})

/** As SQS does it: at most ten at a time, each to one reader, and gone only when it is removed. */
interface Queue extends Inbox {
  visible: Incoming[]
  invisible: Map<string, Incoming>
  asked: number
}

function queueOf(messages: Incoming[] = []): Queue {
  const queue: Queue = {
    visible: [...messages],
    invisible: new Map(),
    asked: 0,
    put: async () => Promise.reject(new Error('nobody calls the function itself here')),
    async receive(most) {
      queue.asked++
      const some = queue.visible.splice(0, Math.min(10, most))
      return some.map((one): Received => {
        queue.invisible.set(`receipt of ${one.id}`, one)
        return { ...one, receipt: `receipt of ${one.id}` }
      })
    },
    async remove(received) {
      for (const { receipt } of received) if (!queue.invisible.delete(receipt)) throw new Error(`unknown ${receipt}`)
    },
  }
  return queue
}

const fires = (service: string, name = service): Incoming => ({
  id: name,
  body: body({ state: 'ALARM', at: 1, service, name }),
})
const many = (count: number, of = 'new'): Incoming[] =>
  Array.from({ length: count }, (_, n) => fires(`service-with-a-long-name-${n}`, `${of}-${n}`))

interface Hub {
  played: World
  commits: number
  logged: unknown[][]
  /** In ms. Stands still unless somebody sleeps. */
  now: number
  take(queue: Inbox, given: Incoming[]): ReturnType<typeof takeIn>
}

/** A hub in which so many incidents are open. */
async function hubWith(incidents: number): Promise<Hub> {
  const services = Object.fromEntries(many(incidents).map((_, n) => [`service-with-a-long-name-${n}`, {}]))
  const played = world(checkConfig({ slack: { channel: '#incidents' }, services }), at(1))
  const sleep = async (ms: number): Promise<void> => void (hub.now += ms)
  const clock = { now: () => hub.now, sleep, sleepUpTo: sleep }
  const log = (...line: unknown[]): void => void hub.logged.push(line)
  const hub: Hub = {
    played,
    commits: 0,
    logged: [],
    now: at(1),
    take: (inbox, given) => takeIn({ ...played.runtime, inbox, clock, log }, given),
  }
  const first = many(incidents, 'first')
  for (let n = 0; n < first.length; n += 10) await played.deliver(first.slice(n, n + 10))
  const { replace } = played.table
  played.table.replace = (item, expected) => {
    if (item.pk === 'INDEX') hub.commits++
    return replace(item, expected)
  }
  return hub
}

const firing = async ({ played }: Hub): Promise<number> =>
  Object.values((await readBoard(played.table)).incidents).reduce((sum, incident) => sum + incident.firing, 0)

describe('while the index is short', () => {
  test('it takes what it was given, and asks for nothing', async () => {
    const hub = await hubWith(20)
    const queue = queueOf(many(15))
    await hub.take(queue, [fires('service-with-a-long-name-1', 'given')])
    expect([queue.asked, queue.visible.length, await firing(hub)]).toEqual([0, 15, 21])
  })
})

describe('while the index is long', () => {
  test('it takes what waits in the queue with it, in one commit, and removes it', async () => {
    const hub = await hubWith(300)
    const queue = queueOf(many(25))
    const { failed } = await hub.take(queue, [fires('service-with-a-long-name-1', 'given')])
    expect({ failed, commits: hub.commits, left: [queue.visible.length, queue.invisible.size] }).toEqual({
      failed: [],
      commits: 1,
      left: [0, 0],
    })
    expect(await firing(hub)).toBe(300 + 26)
  })

  test('it takes so many and no more', async () => {
    const hub = await hubWith(300)
    const queue = queueOf(many(100))
    const { results } = await hub.take(queue, many(10, 'given'))
    expect([results.length, queue.visible.length]).toEqual([INTAKE.window.most, 100 - (INTAKE.window.most - 10)])
  })

  test('what comes a while after the last commit does not wait', async () => {
    const hub = await hubWith(300)
    hub.now += 5000
    await hub.take(queueOf(), [fires('service-with-a-long-name-1', 'alone')])
    expect([hub.now, hub.commits]).toEqual([at(1) + 5000, 1])
  })

  test('what comes right after a commit waits for more until the window is over', async () => {
    const hub = await hubWith(300)
    const { size } = await readIndex(hub.played.table)
    const queue = queueOf()
    const { receive } = queue
    queue.receive = (most) => {
      if (queue.asked === 2) queue.visible.push(...many(3, 'later'))
      return receive(most)
    }
    const { results } = await hub.take(queue, [fires('service-with-a-long-name-1', 'given')])
    expect([results.length, hub.commits]).toEqual([4, 1])
    expect(hub.now - at(1)).toBeGreaterThan(100)
    expect(hub.now - at(1)).toBeLessThanOrEqual(windowOf(size)!)
  })

  test('a message that cannot be taken in stays, and holds back none of the others', async () => {
    const hub = await hubWith(300)
    const queue = queueOf([...many(5), fires('broken'), ...many(5, 'more')])
    const { advance } = hub.played.table
    hub.played.table.advance = (item) =>
      item.body.includes('"broken') ? Promise.reject(new Error('down')) : advance(item)
    const { failed } = await hub.take(queue, [
      fires('service-with-a-long-name-1', 'given'),
      fires('broken', 'broken too'),
    ])
    expect(failed).toEqual(['broken too'])
    expect([...queue.invisible.values()].map(({ id }) => id)).toEqual(['broken'])
  })

  test('a queue that does not answer delays nothing that was given', async () => {
    const hub = await hubWith(300)
    const queue = { ...queueOf(), receive: () => Promise.reject(new Error('throttled')) }
    const { failed } = await hub.take(queue, [fires('service-with-a-long-name-1', 'given')])
    expect([failed, await firing(hub)]).toEqual([[], 301])
    expect(hub.logged).toContainEqual(['warn', 'no more messages could be received', { error: 'Error: throttled' }])
  })

  test('a queue that answers slowly does not use up the time that the function has', async () => {
    const hub = await hubWith(300)
    const queue = queueOf(many(40))
    const { receive } = queue
    queue.receive = async () => {
      hub.now += 900
      return receive(1)
    }
    const { results } = await hub.take(queue, [fires('service-with-a-long-name-1', 'given')])
    expect([results.length, hub.now - at(1)]).toEqual([3, 1800])
  })

  test('what cannot be removed comes again, and changes nothing then', async () => {
    const hub = await hubWith(300)
    const queue = queueOf(many(5))
    const { failed } = await hub.take({ ...queue, remove: () => Promise.reject(new Error('throttled')) }, [
      fires('service-with-a-long-name-1', 'given'),
    ])
    expect(failed).toEqual([])
    queue.visible.push(...queue.invisible.values())
    await hub.take(queue, [])
    expect([await firing(hub), queue.visible.length, queue.invisible.size]).toEqual([306, 0, 0])
  })

  test('the same message twice counts once', async () => {
    const hub = await hubWith(300)
    const twice = fires('service-with-a-long-name-1', 'twice')
    await hub.take(queueOf([twice, twice]), [twice])
    expect(await firing(hub)).toBe(301)
  })

  /** A process whose calls to the outside end with one of them; `when` it took effect or not. */
  async function dying(hub: Hub, queue: Queue, dieAt: number, when: 'before' | 'after') {
    let calls = -1
    const around = processOf({ next: () => (++calls === dieAt ? `dies ${when}` : 'lives') })
    const { runtime } = hub.played
    const process = {
      ...runtime,
      table: wrapped('table', runtime.table, around),
      notices: wrapped('notices', runtime.notices, around),
      timers: wrapped('timers', runtime.timers, around),
      inbox: wrapped('inbox', queue as Inbox, around),
    }
    // So that it knows how long the index is.
    await readIndex(process.table)
    const { failed } = await takeIn(process, [fires('service-with-a-long-name-1', 'given')])
    return { calls, isLost: failed.length > 0 }
  }

  test.each(['before', 'after'] as const)(
    'a process that dies %s any call loses nothing, and counts nothing twice',
    async (when) => {
      for (let dieAt = 1, last = Infinity; dieAt <= last; dieAt++) {
        const hub = await hubWith(200)
        const queue = queueOf(many(25))
        const { calls, isLost } = await dying(hub, queue, dieAt, when)
        if (!isLost) last = Math.min(last, calls)
        // The visibility timeout has passed.
        queue.visible.push(...queue.invisible.values())
        queue.invisible.clear()
        while (queue.visible.length > 0)
          await hub.take(queue, isLost ? [fires('service-with-a-long-name-1', 'given')] : [])
        expect({ dieAt, firing: await firing(hub), left: queue.invisible.size }).toEqual({
          dieAt,
          firing: 226,
          left: 0,
        })
      }
    },
  )
})
