// Which queue is the heavy one, whether it is too much, and how much goes.
import {
  aboveLevel,
  boundOf,
  isAbove,
  levelOf,
  ranked,
  roundedUp,
  tightest,
  toRemove,
} from '../../../lambda/runbooks/relieve-queue-backlog/backlog.ts'
import type { BrokerQueue } from '../../../lambda/ports/broker.ts'
import { MIB, queue } from './queues.ts'

describe('the heavy queue', () => {
  const jobs = queue('campaign-jobs', 61_240, 240 * MIB)
  const mails = queue('mails', 900_000, 9 * MIB)
  const idle = queue('idle', 0, 0)

  test.each<[string, BrokerQueue[], string[], Partial<Record<'queue' | 'forbidden' | 'longest', string>>]>([
    [
      'is the one with the bytes, not with the count',
      [mails, jobs, idle],
      ['*'],
      { queue: 'campaign-jobs', longest: 'mails' },
    ],
    [
      'is one that may be relieved',
      [mails, jobs],
      ['mail*'],
      { queue: 'mails', forbidden: 'campaign-jobs', longest: 'mails' },
    ],
    [
      'is not there when none may be relieved',
      [mails, jobs],
      ['orders'],
      { forbidden: 'campaign-jobs', longest: 'mails' },
    ],
    ['is not there when there is no queue', [], ['*'], {}],
    [
      'is the longest where no bytes are told',
      [queue('a', 5, 0), queue('b', 9, 0)],
      ['*'],
      { queue: 'b', longest: 'b' },
    ],
    [
      'has a name that is no pattern',
      [queue('a.b', 5, 1), queue('aXb', 9, 9)],
      ['a.b'],
      { queue: 'a.b', longest: 'aXb', forbidden: 'aXb' },
    ],
  ])('%s', (_, queues, globs, wanted) => {
    const { allowed, forbidden, longest } = ranked(queues, globs)
    expect({ queue: allowed[0]?.name, forbidden: forbidden?.name, longest: longest?.name }).toEqual(wanted)
  })

  test('is weighed against all of them', () => expect(ranked([jobs, mails], ['*']).bytes).toBe(249 * MIB))
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
    name: 'rabbit@one',
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
  ['until fewer than the level are left', 12_500, 12_500 * 100, 2_501],
  ['until their bytes are below the level', 8_000, 16_000 * MIB, 7_993],
  ['none, if it is below', 9_000, 9_000, 0],
  ['none of an empty queue', 0, 0, 0],
])('so many have to go at least: %s', (_, messages, bytes, wanted) => {
  expect(aboveLevel({ messages, bytes }, levelOf({ minMessages: 10_000 }, 150 * MIB))).toBe(wanted)
})

test.each([
  ['what was seen, rounded up', 12_500, 0, 13_000],
  ['and what comes within ten minutes', 32_800, 46_800, 80_000],
  ['small numbers as they are', 7, 0, 7],
  ['nothing', 0, 0, 0],
])('an approval covers %s', (_, seen, arriving, wanted) => expect(boundOf(seen, arriving)).toBe(wanted))

test.each([
  [99, 99],
  [101, 110],
  [79_600, 80_000],
  [1_234_567, 1_300_000],
])('%d is rounded up to %d', (value, wanted) => expect(roundedUp(value)).toBe(wanted))
