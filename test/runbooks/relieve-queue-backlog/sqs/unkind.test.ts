// relieve-queue-backlog on SQS when calls are slow or fail in part: nothing is held longer than it is sure to be its own, lost, or doubled unsaid.
import { about, all, COUNT, kept, manifest, MODES, run, runbook, world, type World } from './world.ts'

type Action = (input: never) => unknown

const instead = (here: World, action: string, change: (input: never, real: Action) => unknown): void => {
  const real = here.sqs.actions[action]!
  here.sqs.actions[action] = (input) => change(input, real)
}

test('a queue that brings one message a second is stored while it is sure that nobody else has them', async () => {
  const here = world()
  here.rates.sent = 0
  instead(here, 'ReceiveMessage', (input, real) => {
    here.clock.now += 700
    return real({ ...(input as object), MaxNumberOfMessages: 1 } as never)
  })
  await run(here, MODES['purge']!)
  expect(here.sqs.late).toBe(0)
  expect(manifest(here)).toMatchObject({ doubtful: 0 })
  expect([...kept(here), ...here.sqs.bodies('jobs')].sort()).toEqual(all('jobs', COUNT).sort())
})

/** S3 refuses for so long, and takes so long for each copy then. */
const slowStore = (here: World, refuses: number, takes: number): void => {
  const { put } = here.evidence
  let until = 0
  here.tools.evidence.put = async (key, body) => {
    if (!key.endsWith('.jsonl')) return put(key, body)
    until ||= here.clock.now + refuses * 1000
    if (here.clock.now < until) throw new Error('SlowDown')
    here.clock.now += takes * 1000
    return put(key, body)
  }
}

test('what is held while S3 refuses stays invisible', async () => {
  const here = world()
  slowStore(here, 50, 40)
  await run(here, MODES['purge']!)
  expect(here.sqs.late).toBe(0)
  expect(here.cloud.calls.map(({ action }) => action)).toContain('ChangeMessageVisibilityBatch')
  expect(manifest(here)).toMatchObject({ count: COUNT, doubtful: 0 })
})

test('a copy that took longer than that says that a consumer may have had them', async () => {
  const here = world()
  slowStore(here, 0, 130)
  await run(here, MODES['purge']!)
  expect(here.sqs.late).toBeGreaterThan(0)
  expect(manifest(here)).toMatchObject({ count: COUNT, doubtful: COUNT })
})

test('of receives at once, those that fail take nothing from the others', async () => {
  const here = world()
  let calls = 0
  instead(here, 'ReceiveMessage', (input, real) => {
    if (++calls % 30 === 0) throw new Error('socket hang up')
    return real(input)
  })
  await run(here, MODES['purge']!)
  expect(kept(here).sort()).toEqual(all('jobs', COUNT).sort())
  expect(here.cloud.calls.filter(({ action }) => action === 'ReceiveMessage').length).toBeLessThan(COUNT / 5)
})

describe('an entry that SQS does not delete', () => {
  /** The first entry of this message, so many times. */
  const refusing = (here: World, times: number): void => {
    let left = times
    instead(here, 'DeleteMessageBatch', (input, real) => {
      const { Entries, ...rest } = input as { Entries: { Id: string; ReceiptHandle: string }[] }
      const [refused] = Entries.filter(({ ReceiptHandle }) => ReceiptHandle.startsWith('id-7#'))
      if (!refused || left-- <= 0) return real(input)
      real({ ...rest, Entries: Entries.filter((entry) => entry !== refused) } as never)
      return { Failed: [{ Id: refused.Id, Message: 'InternalError' }] }
    })
  }

  test.each([1, 2, 4])('is asked for again, %d times', async (times) => {
    const here = world()
    refusing(here, times)
    await run(here, { mode: 'shed', downTo: 217 })
    expect(here.sqs.bodies('jobs')).toHaveLength(217)
    expect(kept(here)).toHaveLength(COUNT - 217)
    expect(new Set([...kept(here), ...here.sqs.bodies('jobs')]).size).toBe(COUNT)
    expect(manifest(here)).toMatchObject({ doubtful: 0 })
  })

  test.each([1, 4])('is not sent to the other queue again, %d times', async (times) => {
    const here = world()
    refusing(here, times)
    await run(here, MODES['move']!)
    expect(here.sqs.bodies('later').sort()).toEqual(all('jobs', COUNT).sort())
  })
})

test('consumers that hold nothing at one moment are not gone', async () => {
  const here = world()
  Object.assign(here.rates, { sent: 60, deleted: 180 })
  let looks = 0
  instead(here, 'GetQueueAttributes', (input, real) => {
    const told = real(input) as { Attributes: Record<string, string> }
    return { Attributes: { ...told.Attributes, ApproximateNumberOfMessagesNotVisible: ++looks === 3 ? '4' : '0' } }
  })
  const { stop } = await runbook.look(here.tools, about(MODES['purge']!))
  expect(stop).toContain('keep up')
})

test('a queue that takes nothing ends the move, and says why', async () => {
  const here = world()
  instead(here, 'SendMessageBatch', (input) => ({
    Failed: (input as { Entries: { Id: string }[] }).Entries.map(({ Id }) => ({ Id, Message: 'it is full' })),
  }))
  const ran = await run(here, MODES['move']!)
  expect(ran.steps.map(({ is, text }) => [is, text])).toEqual([
    ['failed', expect.stringContaining('SQS did not take 10 messages: it is full')],
  ])
  expect(here.sqs.bodies('jobs').sort()).toEqual(all('jobs', COUNT).sort())
})
