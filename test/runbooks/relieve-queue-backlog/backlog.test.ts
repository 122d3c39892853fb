// Which queue is the heavy one, whether it is too much, how much goes, and where its limit should be.
import {
  chunkSize,
  heaviest,
  isAbove,
  lengthLimit,
  levelOf,
  prevention,
  samePolicy,
  tightest,
  toRemove,
} from '../../../lambda/runbooks/relieve-queue-backlog/backlog.ts'
import type { BrokerPolicy, BrokerQueue } from '../../../lambda/ports/broker.ts'

const MIB = 1024 ** 2

const queue = (name: string, messages: number, bytes: number, more: Partial<BrokerQueue> = {}): BrokerQueue => ({
  name,
  type: 'classic',
  messages,
  ready: messages,
  bytes,
  consumers: 0,
  published: 0,
  acknowledged: 0,
  ...more,
})

describe('the heavy queue', () => {
  const jobs = queue('campaign-jobs', 61_240, 240 * MIB)
  const mails = queue('mails', 900_000, 9 * MIB)
  const idle = queue('idle', 0, 0)

  test.each<[string, BrokerQueue[], string[], object | undefined]>([
    [
      'is the one with the bytes, not with the count',
      [mails, jobs, idle],
      ['*'],
      { queue: 'campaign-jobs', longest: 'mails' },
    ],
    ['is one that may be relieved', [mails, jobs], ['mail*'], { queue: 'mails', forbidden: 'campaign-jobs' }],
    ['is not there when none may be relieved', [mails, jobs], ['orders'], undefined],
    ['is not there when there is no queue', [], ['*'], undefined],
    ['is the longest where no bytes are told', [queue('a', 5, 0), queue('b', 9, 0)], ['*'], { queue: 'b' }],
    [
      'has a name that is no pattern',
      [queue('a.b', 5, 1), queue('aXb', 9, 9)],
      ['a.b'],
      { queue: 'a.b', longest: 'aXb', forbidden: 'aXb' },
    ],
  ])('%s', (_, queues, allowed, wanted) => {
    const found = heaviest(queues, allowed)
    const names =
      found &&
      Object.fromEntries(
        Object.entries(found).flatMap(([key, value]) =>
          typeof value === 'number' ? [] : [[key, (value as BrokerQueue).name]],
        ),
      )
    expect(names).toEqual(wanted)
  })

  test('has its share in numbers', () => {
    expect(heaviest([jobs, mails], ['*'])!.share).toBeCloseTo(240 / 249)
    expect(heaviest([queue('a', 1, 0)], ['*'])!.share).toBe(1)
  })
})

test.each([
  ['neither', 9_999, 14 * MIB, false],
  ['so many messages', 10_000, 1, true],
  ['so many bytes', 1, 15 * MIB, true],
])('a backlog begins with %s', (_, messages, bytes, wanted) => {
  expect(isAbove({ messages, bytes }, levelOf({ minMessages: 10_000 }, 150 * MIB))).toBe(wanted)
})

test('the bytes of the level may be told', () => {
  expect(levelOf({ minMessages: 5, minBytes: 7 }, 100)).toEqual({ messages: 5, bytes: 7 })
})

test('of several nodes, the one nearest to its limit counts', () => {
  const node = (memoryUsed: number, memoryLimit: number) => ({
    memoryUsed,
    memoryLimit,
    diskFree: 1,
    diskFreeLimit: 0,
    blocked: false,
  })
  expect(tightest([node(50, 200), node(90, 100), node(99, 400)])).toEqual(node(90, 100))
  expect(tightest([])).toBeUndefined()
})

test.each([
  ['all', 8_000, 0, 8_000],
  ['down to a level', 8_000, 1_000, 7_000],
  ['nothing below it', 900, 1_000, 0],
])('removes %s', (_, messages, keep, wanted) => expect(toRemove(messages, keep)).toBe(wanted))

test.each([
  ['small', 20, 1_000],
  ['of 4 KiB', 4_096, 1_000],
  ['of 64 KiB', 65_536, 64],
  ['larger than a chunk', 50 * MIB, 1],
  ['empty', 0, 1_000],
])('a chunk of messages that are %s', (_, average, wanted) => expect(chunkSize(average)).toBe(wanted))

describe('the length limit', () => {
  test.each<[string, { memoryUsed: number; memoryLimit: number }, { messages: number; bytes: number }, number]>([
    // 8,000 × 5 KiB are 39 MiB of the 150; the limit is a quarter of the 39 that others leave.
    [
      'a quarter of what others leave',
      { memoryUsed: 150 * MIB, memoryLimit: 150 * MIB },
      { messages: 8_000, bytes: 8_000 * 4_096 },
      2_000,
    ],
    [
      'the same where the queue is on disk',
      { memoryUsed: 100 * MIB, memoryLimit: 1_024 * MIB },
      { messages: 1_000_000, bytes: 4_096 * MIB },
      50_000,
    ],
    [
      'a twentieth where others fill the memory',
      { memoryUsed: 2_000 * MIB, memoryLimit: 1_000 * MIB },
      { messages: 10, bytes: 10_240 },
      25_000,
    ],
    ['never none', { memoryUsed: 1, memoryLimit: 1_000 }, { messages: 1, bytes: 100 * MIB }, 1],
  ])('is %s', (_, node, held, wanted) => expect(lengthLimit(node, held)).toBe(wanted))
})

describe('the policy', () => {
  const ha: BrokerPolicy = {
    name: 'ha',
    pattern: '.*',
    definition: { 'ha-mode': 'all', 'message-ttl': 60_000 },
    applyTo: 'all',
    priority: 7,
  }

  test('limits the queue alone, whatever its name holds', () => {
    const { policy } = prevention([], { name: 'a.b(c)' }, 500)!
    expect(policy).toEqual({
      name: 'tocsin-a.b(c)',
      pattern: '^a\\.b\\(c\\)$',
      definition: { 'max-length': 500, overflow: 'reject-publish' },
      applyTo: 'queues',
      priority: 1,
    })
    expect(new RegExp(policy.pattern).test('a.b(c)')).toBe(true)
    expect(new RegExp(policy.pattern).test('aXb(c)')).toBe(false)
  })

  test('keeps the keys of the one that applies, above it', () => {
    const found = prevention([ha], { name: 'q', policy: 'ha' }, 500)!
    expect(found.policy.definition).toEqual({
      'ha-mode': 'all',
      'message-ttl': 60_000,
      'max-length': 500,
      overflow: 'reject-publish',
    })
    expect(found.policy.priority).toBe(8)
    expect(found.base).toEqual(ha)
  })

  test('takes no keys of one that does not apply', () => {
    expect(prevention([ha], { name: 'q' }, 500)!.policy.definition).toEqual({
      'max-length': 500,
      overflow: 'reject-publish',
    })
  })

  test.each(['max-length', 'max-length-bytes'])('is not needed where %s is set already', (key) => {
    expect(prevention([{ ...ha, definition: { [key]: 9 } }], { name: 'q', policy: 'ha' }, 500)).toBeUndefined()
  })

  test('knows what was there under its name', () => {
    const old = { ...ha, name: 'tocsin-q', definition: { 'message-ttl': 1 } }
    expect(prevention([old], { name: 'q', policy: 'tocsin-q' }, 5)).toMatchObject({ previous: old, base: old })
  })

  test('is the same in whatever order the broker gives its keys', () => {
    expect(samePolicy({ ...ha, definition: { 'message-ttl': 60_000, 'ha-mode': 'all' } }, ha)).toBe(true)
    expect(samePolicy({ ...ha, priority: 8 }, ha)).toBe(false)
    expect(samePolicy(undefined, ha)).toBe(false)
  })
})
