// Sending kept messages back: each once, in order, wherever it is stopped; and what it says about it.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { rabbitmqOutlet, type Outlet } from '../../../../lambda/runbooks/relieve-queue-backlog/back/outlet.ts'
import { keptBy } from '../../../../bin/republish/kept.ts'
import type { KeptQueue } from '../../../../lambda/runbooks/relieve-queue-backlog/back/kept.ts'
import { send, settled, type Sent } from '../../../../lambda/runbooks/relieve-queue-backlog/back/send.ts'
import { isSent, whatItDid, whatItDoes, type Wanted } from '../../../../bin/republish/text.ts'
import {
  chunkKey,
  chunkOf,
  folderOf,
  manifestKey,
  manifestOf,
  sumKey,
  type KeptLine,
} from '../../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import {
  ID_HEADER,
  leftIn,
  NOTHING_SENT,
  type Progress,
} from '../../../../lambda/runbooks/relieve-queue-backlog/back/progress.ts'
import { fakeBroker, messageCalled } from '../../fakes/broker.ts'
import { fakeEvidence, type FakeEvidence } from '../../fakes/evidence.ts'

const FOLDER = folderOf('INC-0001-1', 'jobs')
const IDS = Array.from({ length: 250 }, (_, i) => `jobs-${i}`)

/** Chunks of 100, as a run leaves them. */
function kept(withManifest = true): FakeEvidence {
  const evidence = fakeEvidence()
  const sums = [0, 100, 200].map((first, place) => {
    const { text, sum } = chunkOf(
      FOLDER,
      place + 1,
      first,
      IDS.slice(first, first + 100).map((id) => messageCalled(id)),
    )
    evidence.objects.set(chunkKey(FOLDER, sum.chunk), text)
    evidence.objects.set(sumKey(FOLDER, sum.chunk), JSON.stringify(sum))
    return sum
  })
  const about = { run: 'INC-0001-1', service: 'broker', kind: 'rabbitmq' as const, vhost: '/', queue: 'jobs' }
  if (withManifest) evidence.objects.set(manifestKey(FOLDER), JSON.stringify(manifestOf(about, sums)))
  return evidence
}

const opened = async (evidence: FakeEvidence): Promise<KeptQueue> =>
  (await keptBy(evidence, 'INC-0001-1', undefined))[0]!

interface How {
  limit?: number
  sendsUncertain?: boolean
  outlet?: (outlet: Outlet) => Outlet
}

async function go(
  evidence: FakeEvidence,
  broker = fakeBroker(),
  { limit = Infinity, sendsUncertain = false, outlet: wrap = (outlet) => outlet }: How = {},
): Promise<Sent> {
  const queue = await opened(evidence)
  const outlet = wrap(rabbitmqOutlet(broker, 'jobs'))
  const from = await settled({ evidence, outlet }, queue, sendsUncertain)
  return send(
    {
      evidence,
      outlet,
      perSecond: 100_000,
      limit,
      tell: () => undefined,
      clock: { now: Date.now, sleep },
      giveUpMs: 600_000,
    },
    queue,
    from,
  )
}

const brokerWith = () => {
  const broker = fakeBroker()
  broker.add('jobs', 0)
  return broker
}

describe('it sends', () => {
  test('all, once, in order, with their ids', async () => {
    const [evidence, broker] = [kept(), brokerWith()]
    const { count, progress } = await go(evidence, broker)
    expect(count).toBe(250)
    expect(broker.ids('jobs')).toEqual(IDS)
    expect(broker.queuesByName.get('jobs')!.messages[7]!.properties['headers']).toEqual({
      attempt: 1,
      [ID_HEADER]: `${FOLDER}7`,
    })
    expect(progress).toMatchObject({ done: 250, open: [], unsent: [], uncertain: [], ended: true })
  })

  test('nothing when it is called again', async () => {
    const [evidence, broker] = [kept(), brokerWith()]
    await go(evidence, broker)
    expect((await go(evidence, broker)).count).toBe(0)
    expect(broker.ids('jobs')).toEqual(IDS)
  })

  test('so many at a time as it is told', async () => {
    const [evidence, broker] = [kept(), brokerWith()]
    for (const wanted of [70, 140, 210, 250]) {
      await go(evidence, broker, { limit: 70 })
      expect(broker.ids('jobs')).toEqual(IDS.slice(0, wanted))
    }
  })

  test('what a run has removed that never came to its end', async () => {
    const [evidence, broker] = [kept(false), brokerWith()]
    expect(await opened(evidence)).toMatchObject({
      isUnfinished: true,
      manifest: { count: 250, queue: 'jobs', kind: 'rabbitmq' },
    })
    await go(evidence, broker)
    expect(broker.ids('jobs')).toEqual(IDS)
  })

  test('nothing of a chunk that is not what was stored', async () => {
    const [evidence, broker] = [kept(), brokerWith()]
    evidence.objects.set(
      chunkKey(FOLDER, 2),
      evidence.objects.get(chunkKey(FOLDER, 2))!.replace('jobs-150', 'jobs-151'),
    )
    await go(evidence, broker, { limit: 100 })
    await expect(go(evidence, broker)).rejects.toThrow('000002.jsonl is not what was stored')
    expect(broker.ids('jobs')).toEqual(IDS.slice(0, 100))
  })

  test('those again that a full queue refused', async () => {
    const [evidence, broker] = [kept(), brokerWith()]
    let refusals = 2
    const outlet = (real: Outlet): Outlet => ({
      ...real,
      async send(lines) {
        if (refusals-- <= 0) return real.send(lines)
        const half = Math.floor(lines.length / 2)
        await real.send(lines.slice(0, half))
        return new Set(lines.slice(half))
      },
    })
    const { count } = await go(evidence, broker, { outlet })
    expect([count, refusals < 0]).toEqual([250, true])
    expect(broker.ids('jobs')).toEqual(IDS)
  })
})

/** A broker, and a process that is killed when this many messages of the batch have arrived. */
const killed = (arrives: number, atBatch: number): How['outlet'] => {
  let batches = 0
  return (real) => ({
    ...real,
    async send(lines: readonly KeptLine[]) {
      if (batches++ !== atBatch) return real.send(lines)
      await real.send(lines.slice(0, arrives))
      throw new Error('killed')
    },
  })
}

test('stopped anywhere, again and again, without a consumer: each is there once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(80), fc.nat(1)), { maxLength: 4 }), async (stops) => {
      const [evidence, broker] = [kept(), brokerWith()]
      for (const [arrives, atBatch] of stops)
        await go(evidence, broker, { limit: 60, outlet: killed(arrives, atBatch)! }).catch(() => undefined)
      const { progress } = await go(evidence, broker)
      expect(broker.ids('jobs')).toEqual(IDS)
      expect(progress.uncertain).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('stopped while a consumer is at work: none is sent twice, and what may be missing is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(80), fc.nat(1), fc.nat(120)), { maxLength: 4 }), async (stops) => {
      const [evidence, broker] = [kept(), brokerWith()]
      const queue = broker.queuesByName.get('jobs')!
      queue.consumers = 1
      const consumed: string[] = []
      const consume = (count: number): void =>
        void consumed.push(...queue.messages.splice(0, count).map(({ properties }) => String(properties['messageId'])))
      for (const [arrives, atBatch, eats] of stops) {
        await go(evidence, broker, { limit: 60, outlet: killed(arrives, atBatch)! }).catch(() => undefined)
        consume(eats)
      }
      const { progress } = await go(evidence, broker)
      consume(1_000)
      expect(new Set(consumed).size).toBe(consumed.length)
      const missing = IDS.filter((id) => !consumed.includes(id))
      const told = new Set(progress.uncertain.map((place) => IDS[place]))
      expect(missing.filter((id) => !told.has(id))).toEqual([])
      await go(evidence, broker, { sendsUncertain: true })
      consume(1_000)
      expect(new Set(consumed)).toEqual(new Set(IDS))
    }),
    { numRuns: 60 },
  )
})

describe('it says', () => {
  const wanted: Wanted = { perSecond: 50, limit: Infinity, sendsUncertain: false, isDry: false, yes: true }
  const ends = { messages: 12, consumers: 0, place: 'broker:15672, virtual host /', from: 's3://kept/x/' }
  const at = async (progress: Partial<Progress>): Promise<KeptQueue> => ({
    ...(await opened(kept())),
    progress: { ...NOTHING_SENT, ...progress },
  })

  test('what it would do', async () => {
    expect(whatItDoes(await at({}), ends, wanted)).toBe(
      [
        'This sends 250 messages (3.8 KiB) back to jobs on broker:15672, virtual host /:',
        'in their order, 50 a second, about 5 s.',
        'The queue holds about 12 messages; consumers: 0.',
        'The copy stays in s3://kept/x/',
      ].join('\n'),
    )
  })

  test('where it goes on', async () => {
    const text = whatItDoes(await at({ done: 100, open: [98, 99], unsent: [50], uncertain: [1, 2, 3] }), ends, {
      ...wanted,
      limit: 40,
    })
    expect(text).toContain('This sends 40 messages of 250')
    expect(text).toContain('94 messages were sent before.')
    expect(text).toContain('2 messages were in flight when it was stopped')
  })

  test('what it did', async () => {
    const { manifest } = await at({})
    const progress = { ...NOTHING_SENT, done: 200, uncertain: [5] }
    const text = whatItDid(manifest, { count: 100, progress, why: 'the queue took no more for 10 minutes' }, 3_000)
    expect(text).toContain(
      'jobs: 100 messages sent and confirmed in 3 s; the queue took no more for 10 minutes. 50 are left: run it again.',
    )
    expect(text.replace(/\n/g, ' ')).toContain('1 message left out')
    expect(leftIn(progress, manifest)).toBe(50)
  })

  test('that nothing is left, unless what is uncertain is wanted', async () => {
    const done = await at({ done: 250, uncertain: [3] })
    expect([isSent(done, wanted), isSent(done, { ...wanted, sendsUncertain: true })]).toEqual([true, false])
    expect(isSent(await at({ done: 250, open: [249] }), wanted)).toBe(false)
  })

  test('which run is meant, if its name without the time of its proposal fits more than one', async () => {
    const stamped = (stamp: string): [string, string][] =>
      [...kept().objects].map(([key, body]) => [key.replace('INC-0001-1/', `INC-0001-1-${stamp}/`), body])
    const evidence = fakeEvidence()
    for (const [key, body] of stamped('sdh5c0')) evidence.objects.set(key, body)
    for (const name of ['INC-0001-1', 'INC-0001-1-sdh5c0'])
      expect((await keptBy(evidence, name, undefined))[0]!.folder).toBe('INC-0001-1-sdh5c0/jobs/')
    await expect(keptBy(evidence, 'INC-0001', undefined)).rejects.toThrow('nothing is kept of the run INC-0001')
    for (const [key, body] of stamped('sdk9q4')) evidence.objects.set(key, body)
    await expect(keptBy(evidence, 'INC-0001-1', undefined)).rejects.toThrow(
      'several runs have kept messages: choose one with --run INC-0001-1-sdh5c0 or --run INC-0001-1-sdk9q4',
    )
  })

  test('where nothing is kept', async () => {
    await expect(keptBy(fakeEvidence(), 'INC-9', undefined)).rejects.toThrow(
      'nothing is kept of the run INC-9 in s3://tocsin-evidence/',
    )
    await expect(keptBy(kept(), 'INC-0001-1', 'mails')).rejects.toThrow('kept nothing of the queue mails, only of jobs')
  })
})

test('what a later pass took counts, although it died before it wrote the manifest anew', async () => {
  const evidence = kept()
  const { text, sum } = chunkOf(FOLDER, 4, 250, [messageCalled('jobs-250'), messageCalled('jobs-251')])
  evidence.objects.set(chunkKey(FOLDER, 4), text)
  evidence.objects.set(sumKey(FOLDER, 4), JSON.stringify(sum))
  const { manifest, isUnfinished } = await opened(evidence)
  expect([manifest.count, manifest.chunks.length, isUnfinished]).toEqual([252, 4, true])
})
