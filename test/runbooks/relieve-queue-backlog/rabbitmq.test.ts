// relieve-queue-backlog on RabbitMQ: what it finds, what it keeps, and that nothing is lost or doubled wherever it dies.
import {
  chunkKey,
  folderOf,
  linesOf,
  manifestKey,
  sumKey,
  sumKeysIn,
  type Manifest,
} from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import type { Target } from '../../../lambda/core/services/config.ts'
import { Refused, type Tools } from '../../../lambda/ports/tools.ts'
import { RUNBOOKS } from '../../../lambda/runbooks/index.ts'
import type { Case } from '../../../lambda/runbooks/runbook.ts'
import { drive, type How, type Ran } from '../drive.ts'
import { fakeBroker, messageCalled, type FakeBroker } from '../fakes/broker.ts'
import { NOON, type Clock } from '../fakes/cloud.ts'
import { fakeEvidence, type FakeEvidence } from '../fakes/evidence.ts'

const runbook = RUNBOOKS.get('relieve-queue-backlog')!
const QUEUE = 'campaign-jobs'
const FOLDER = folderOf('INC-0001-1', QUEUE)
const COUNT = 12_500

interface World {
  broker: FakeBroker
  evidence: FakeEvidence
  clock: Clock
  tools: Tools
}

function world(more: Parameters<FakeBroker['add']>[2] = {}, count = COUNT): World {
  const [broker, evidence, clock] = [fakeBroker(), fakeEvidence(), { now: NOON }]
  broker.add(QUEUE, count, more)
  broker.add('mails', 500, { bytesEach: 10 })
  const tools: Tools = {
    broker,
    evidence,
    cloud: { call: () => Promise.reject(new Error('nothing of AWS is needed')) },
    now: () => clock.now,
    async pause(seconds) {
      evidence.checkAlive()
      clock.now += seconds * 1000
    },
  }
  return { broker, evidence, clock, tools }
}

function about(options: Record<string, unknown> = {}, queues = ['*']): Case<Record<string, unknown>> {
  return {
    run: 'INC-0001-1',
    service: 'message-broker',
    target: { rabbitmq: { broker: 'studio', vhost: 'studio', queues } },
    options: runbook.options.parse(options),
    since: NOON,
    signals: ['memory', 'saturation'],
    alarm: { name: 'broker/memory', dimensions: {} },
  }
}

const run = ({ tools, clock }: World, options?: Record<string, unknown>, how?: How): Promise<Ran> =>
  drive(runbook, about(options), tools, clock, how)

const keptIn = ({ evidence }: World): string[] =>
  sumKeysIn([...evidence.objects.keys()].sort()).flatMap((key) =>
    linesOf(evidence.objects.get(key.replace(/json$/, 'jsonl'))!).map(({ properties }) =>
      String(properties['messageId']),
    ),
  )
const manifestIn = ({ evidence }: World): Manifest => JSON.parse(evidence.objects.get(manifestKey(FOLDER))!) as Manifest
const everything = (count = COUNT): string[] => Array.from({ length: count }, (_, i) => `${QUEUE}-${i}`)

describe('it looks', () => {
  test('and says which queue holds the memory, in numbers', async () => {
    const { found, stop } = await runbook.look(world().tools, about())
    expect(stop).toBeUndefined()
    expect(found).toBe(
      'campaign-jobs holds 12,500 messages (60 MiB, 100 % of all that waits in its virtual host), has no consumer; memory 107 MiB of 95 MiB, publishers are blocked',
    )
  })

  test.each<[string, Record<string, unknown>, string[], Partial<{ count: number; type: 'stream' }>, string]>([
    [
      'nothing backs up',
      {},
      ['*'],
      { count: 1_500 },
      'no queue backs up: the heaviest, campaign-jobs, holds 1,500 messages',
    ],
    ['the level is higher', { minMessages: 20_000, minBytes: 1e9 }, ['*'], {}, 'a backlog begins at 20,000 or 954 MiB'],
    ['it is a stream', {}, ['*'], { type: 'stream' }, 'is a stream'],
    ['only another one may be relieved', {}, ['mail*'], {}, 'the heaviest, mails, holds 500 messages'],
  ])('and does nothing where %s', async (_, options, queues, { count = COUNT, ...more }, words) => {
    const { stop } = await runbook.look(world(more, count).tools, about(options, queues))
    expect(stop).toContain(words)
  })

  test('and is refused where no queue may be relieved', async () => {
    await expect(runbook.look(world().tools, about({}, ['nope']))).rejects.toThrow(Refused)
  })

  test('and changes nothing', async () => {
    const { broker, evidence, tools } = world()
    const { facts } = await runbook.look(tools, about())
    const steps = runbook.steps(JSON.parse(JSON.stringify(facts)), about())
    expect(steps.map(({ name }) => name)).toEqual([
      'Move the messages of campaign-jobs to S3',
      'Limit campaign-jobs to 2,600 messages',
      'Move what is above the limit to S3',
    ])
    expect(steps.flatMap(({ calls }) => calls)).toEqual([
      'AMQP basic.consume studio campaign-jobs (a few at a time, then basic.cancel)',
      's3:PutObject s3://tocsin-evidence/INC-0001-1/campaign-jobs/000001.jsonl … (at most 480 messages or 4 MiB each)',
      'AMQP basic.ack studio campaign-jobs (exactly the chunk, once its copy is stored and its checksum compared)',
      's3:PutObject s3://tocsin-evidence/INC-0001-1/campaign-jobs/manifest.json',
      expect.stringContaining(
        'PUT /api/policies/studio/tocsin-campaign-jobs {"pattern":"^campaign-jobs$","definition":{"overflow":"reject-publish"}',
      ) as string,
      expect.stringContaining('"definition":{"max-length":') as string,
      expect.stringContaining('while more than 2,600 are in the queue') as string,
    ])
    expect([broker.acts, evidence.objects.size]).toEqual([[], 0])
  })
})

describe('it takes the backlog out', () => {
  test('with a copy of every message, in order, and limits the queue', async () => {
    const here = world()
    const ran = await run(here)
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'done', 'done'])
    expect(ran.health).toEqual({ ok: true, text: expect.stringContaining('publishers are not blocked') as string })
    expect(here.broker.ids(QUEUE)).toEqual([])
    expect(keptIn(here)).toEqual(everything())
    expect(manifestIn(here)).toMatchObject({
      run: 'INC-0001-1',
      service: 'message-broker',
      kind: 'rabbitmq',
      vhost: 'studio',
      count: COUNT,
      doubtful: 0,
    })
    expect(here.broker.queuesByName.get('mails')!.messages).toHaveLength(500)
    const [line] = linesOf(here.evidence.objects.get(chunkKey(FOLDER, 1))!)
    expect(line).toEqual({ id: `${FOLDER}0`, ...messageCalled(`${QUEUE}-0`) })
  })

  test('the oldest only, down to a level', async () => {
    const here = world()
    await run(here, { mode: 'shed', downTo: 3_000, prevent: false })
    expect(here.broker.ids(QUEUE)).toEqual(everything().slice(-3_000))
    expect(keptIn(here)).toEqual(everything().slice(0, -3_000))
  })

  test('and not what publishers add meanwhile', async () => {
    const here = world({ grows: 10 })
    const ran = await run(here, { prevent: false })
    expect(ran.health?.ok).toBe(true)
    expect(manifestIn(here).count).toBe(COUNT)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual([
      ...new Set([...keptIn(here), ...here.broker.ids(QUEUE)]),
    ])
    expect(here.broker.ids(QUEUE).length).toBeGreaterThan(100)
  })

  test('in turns of less than a minute', async () => {
    const here = world()
    const { put } = here.evidence
    here.evidence.put = async (key, body) => {
      here.clock.now += 10_000
      return put(key, body)
    }
    const { facts } = await runbook.look(here.tools, about())
    const [copy] = runbook.steps(facts, about())
    const begun = here.clock.now
    const turn = await copy!.turn(here.tools, undefined)
    expect(turn).toMatchObject({
      going: expect.stringMatching(/^[\d,]+ of 12,500 messages are in S3$/) as string,
    })
    expect(here.clock.now - begun).toBeLessThan(75_000)
    expect(JSON.stringify(turn).length).toBeLessThan(1_000)
  })
})

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

test('large messages among small ones: no chunk is larger than it may be', async () => {
  const here = world({}, 100)
  const { messages } = here.broker.queuesByName.get(QUEUE)!
  const large = Buffer.alloc(1024 ** 2).toString('base64')
  for (const message of messages.slice(20, 80)) message.body = large
  await run(here, { minMessages: 10, prevent: false })
  const sizes = manifestIn(here).chunks.map(({ bytes }) => bytes)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * 1024 ** 2)
  expect(keptIn(here)).toEqual(everything(100))
})

describe('it prevents', () => {
  const step = async (here: World, options = {}) => {
    const { facts } = await runbook.look(here.tools, about(options))
    return runbook.steps(JSON.parse(JSON.stringify(facts)), about(options))[1]!
  }

  test('and drops nothing of a queue that is longer than its limit', async () => {
    const here = world()
    const limit = await step(here)
    const first = await limit.turn(here.tools, undefined)
    expect(first).toMatchObject({ going: 'campaign-jobs drops nothing from now on', againInSeconds: 5 })
    await limit.turn(here.tools, (first as { state: unknown }).state)
    expect(here.broker.ids(QUEUE)).toHaveLength(COUNT)
    expect(here.broker.policiesByName.get('tocsin-campaign-jobs')!.definition).toEqual({
      'max-length': 2_600,
      overflow: 'reject-publish',
    })
  })

  test('and what publishers have brought above the limit is kept too, although the broker counts late', async () => {
    const here = world({ grows: 400, published: 40 })
    const { take, queues } = here.broker
    const counted: [at: number, seen: Awaited<ReturnType<typeof queues>>][] = [[0, await queues()]]
    const count = async (): Promise<void> => void counted.push([here.clock.now, await queues()])
    here.broker.queues = async () => {
      await count()
      return counted.findLast(([at]) => at <= here.clock.now - 9_000)![1]
    }
    here.broker.take = (...args) => take(...args).finally(count)
    await run(here)
    const { definition } = here.broker.policiesByName.get('tocsin-campaign-jobs')!
    expect(here.broker.ids(QUEUE).length).toBeLessThanOrEqual(Number(definition['max-length']))
    const all = [...keptIn(here), ...here.broker.ids(QUEUE)]
    expect([...all].sort()).toEqual(everything(all.length).sort())
  })

  test('with the number that was told', async () => {
    expect((await step(world(), { maxLength: 777 })).name).toBe('Limit campaign-jobs to 777 messages')
  })

  test('not where it is left out, or limited already', async () => {
    expect(await step(world(), { prevent: false })).toBeUndefined()
    const here = world()
    here.broker.policiesByName.set('all', {
      name: 'all',
      pattern: '',
      definition: { 'max-length': 1e6 },
      applyTo: 'all',
      priority: 0,
    })
    expect(await step(here)).toBeUndefined()
  })

  test('not when the policy has changed since', async () => {
    const here = world()
    const limit = await step(here)
    here.broker.policiesByName.set('new', {
      name: 'new',
      pattern: '^campaign',
      definition: { 'message-ttl': 1 },
      applyTo: 'queues',
      priority: 3,
    })
    expect(await limit.ready!(here.tools)).toBe('the policy of campaign-jobs is another one now (new)')
  })

  test('goes on after a crash between its halves', async () => {
    const here = world()
    const limit = await step(here)
    await limit.turn(here.tools, undefined)
    expect(await limit.ready!(here.tools)).toBeUndefined()
  })

  test.each([
    ['deletes its policy', undefined],
    [
      'restores the policy of its name',
      {
        name: 'tocsin-campaign-jobs',
        pattern: '^x$',
        definition: { 'message-ttl': 5 },
        applyTo: 'queues',
        priority: 2,
      },
    ],
  ])('and when it did not help, %s', async (_, before) => {
    const here = world()
    if (before) here.broker.policiesByName.set(before.name, before)
    const { nodes } = here.broker
    here.broker.nodes = async () => (await nodes()).map((node) => ({ ...node, blocked: true }))
    const ran = await run(here)
    expect(ran.health?.ok).toBe(false)
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'done', 'done', 'undone', 'undone'])
    expect(ran.steps[4]!.text).toBe(
      '12,500 messages stay in s3://tocsin-evidence/INC-0001-1/campaign-jobs/, because campaign-jobs has no consumer: npx tocsin republish --run INC-0001-1 sends them back',
    )
    expect([...here.broker.policiesByName.values()]).toEqual(before ? [before] : [])
  })
})

test('a queue that its publishers fill up to the limit again is relieved all the same', async () => {
  const here = world({ grows: 240, published: 24 })
  const ran = await run(here, {})
  expect(here.broker.ids(QUEUE)).toHaveLength(2_600)
  const all = [...keptIn(here), ...here.broker.ids(QUEUE)]
  expect(all).toEqual(everything(all.length))
  expect(ran.health).toEqual({ ok: true, text: expect.stringContaining('it still has no consumer') as string })
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

test.each(['nodes', 'queues', 'policies', 'take', 'setPolicy'] as const)(
  'is denied %s: it says so, and nothing is lost',
  async (call) => {
    const here = world()
    here.broker.deny(call)
    const ran = await run(here)
    const words = [ran.stop, ...ran.steps.filter(({ is }) => is === 'failed').map(({ text }) => text)].join()
    expect(words).toContain(`may not ${call}`)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything())
  },
)

describe('its options', () => {
  test.each([
    [{ mode: 'shed', downTo: 20_000 }, 'downTo'],
    [{ mode: 'move' }, 'moveTo'],
    [{ minMessages: 0 }, 'minMessages'],
    [{ nope: 1 }, ''],
  ])('%j are a mistake', (given, key) => {
    const { error } = runbook.options.safeParse(given)
    expect(error?.issues[0]?.path.join('.')).toBe(key)
  })

  test.each<[Target, Record<string, unknown>, string | undefined]>([
    [{ rabbitmq: { broker: 'b', vhost: '/', queues: [] } }, {}, undefined],
    [{ rabbitmq: { api: 'http://a', amqp: 'amqp://b', vhost: '/', queues: [] } }, {}, undefined],
    [{ rabbitmq: { api: 'http://a', vhost: '/', queues: [] } }, {}, 'target.rabbitmq.broker'],
    [{ rabbitmq: { broker: 'b', vhost: '/', queues: [] } }, { mode: 'redrive' }, 'is for SQS'],
    [{ sqs: { queue: 'q' } }, {}, undefined],
    [{ sqs: { queue: 'q' } }, { mode: 'redrive' }, 'target.sqs.deadLetters'],
  ])('on %j with %j lack: %s', (target, options, words) => {
    const lacks = runbook.lacks!(target, runbook.options.parse(options))
    if (words === undefined) expect(lacks).toBeUndefined()
    else expect(lacks).toContain(words)
  })
})

test('may read its secret, and find its broker', () => {
  const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }
  const allowed = (rabbitmq: Partial<NonNullable<Target['rabbitmq']>>) =>
    runbook
      .permissions({ rabbitmq: { vhost: '/', queues: ['*'], ...rabbitmq } }, runbook.options.parse({}), place)
      .map(({ actions, resources }) => [...actions, ...resources])
  expect(allowed({ api: 'http://a', amqp: 'amqp://b' })).toEqual([])
  expect(allowed({ broker: 'studio', secret: 'broker/login' })).toEqual([
    ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker/login-??????'],
    ['mq:ListBrokers', '*'],
    ['mq:DescribeBroker', 'arn:aws:mq:eu-west-1:111122223333:broker:studio:*'],
  ])
  const arn = 'arn:aws:secretsmanager:us-east-1:1:secret:x-AbCdEf'
  expect(allowed({ secret: arn })).toEqual([['secretsmanager:GetSecretValue', arn]])
})
