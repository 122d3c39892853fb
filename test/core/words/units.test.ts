// Numbers as people say them.
import type { Measure } from '../../../lambda/core/incident/alarm.ts'
import { compare, describe as words } from '../../../lambda/core/words/units.ts'
import { duration, enumerate, plural } from '../../../lambda/core/words/words.ts'

const GIB = 1024 ** 3

describe('a value beside its threshold', () => {
  test.each<[string | undefined, string | undefined, Measure, string | undefined]>([
    [
      'AWS/AmazonMQ',
      'RabbitMQDiskFree',
      { value: 4_080_218_931, threshold: 4 * GIB, side: 'below' },
      '3.8 of 4 GiB free',
    ],
    [
      'AWS/RDS',
      'FreeStorageSpace',
      { value: 500 * 1024 ** 2, threshold: 10 * GIB, side: 'below' },
      '0.49 of 10 GiB free',
    ],
    ['AWS/RDS', 'FreeStorageSpace', { value: 12 * GIB, threshold: 10 * GIB, side: 'below' }, '12 GiB > 10 GiB'],
    ['AWS/AmazonMQ', 'MessageReadyCount', { value: 61_240, threshold: 50_000, side: 'above' }, '61,240 > 50,000'],
    ['AWS/SQS', 'NumberOfMessagesSent', { value: 1_234_567_890, threshold: 5, side: 'above' }, '1,230,000,000 > 5'],
    ['AWS/EC2', 'CPUUtilization', { value: 95.512, threshold: 90, side: 'above' }, '96% > 90%'],
    ['CWAgent', 'disk_used_percent', { value: 81.25, threshold: 80, side: 'above' }, '81% > 80%'],
    ['AWS/ApplicationELB', 'TargetResponseTime', { value: 6.1, threshold: 2.5, side: 'above' }, '6.1 s > 2.5 s'],
    ['AWS/ApplicationELB', 'TargetResponseTime', { value: 0.75, threshold: 0.5, side: 'above' }, '750 ms > 500 ms'],
    ['AWS/Lambda', 'Duration', { value: 870, threshold: 500, side: 'above' }, '870 ms > 500 ms'],
    ['AWS/Lambda', 'Duration', { value: 29_000, threshold: 25_000, side: 'above' }, '29 s > 25 s'],
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', { value: 1_800, threshold: 600, side: 'above' }, '30 min > 10 min'],
    ['AWS/Lambda', 'Errors', { value: 3, threshold: 0, side: 'above' }, '3 > 0'],
    ['AWS/ECS', 'RunningTaskCount', { value: 0, threshold: 1, side: 'below' }, '0 < 1'],
    ['AWS/Lambda', 'Errors', { value: 1, threshold: 1, side: 'above' }, '1 = 1'],
    ['Custom', 'Balance', { value: -12.5, threshold: -1, side: 'below' }, '-13 < -1'],
    ['Custom', 'Ratio', { value: 0.000123456, threshold: 0.0001, side: 'above' }, '0.00012 > 0.0001'],
    ['AWS/Lambda', 'Invocations', { value: 12, side: 'outside' }, '12'],
    ['AWS/Lambda', 'Invocations', { value: 12, threshold: 80, side: 'outside' }, '12'],
    ['AWS/Lambda', 'Invocations', { value: 12, threshold: 80 }, '12'],
    ['AWS/Lambda', 'Invocations', { threshold: 80, side: 'above' }, undefined],
    [undefined, undefined, { value: 5, threshold: 4, side: 'above' }, '5 > 4'],
    [undefined, undefined, {}, undefined],
  ])('%s %s %j: %s', (namespace, metric, measure, said) => {
    const alarm = { ...measure, ...(namespace && { namespace }), ...(metric && { metric }) }
    expect(compare(alarm)).toBe(said)
  })

  test('never says the same number on both sides of >', () => {
    const said = compare({ metric: 'CPUUtilization', value: 90.4, threshold: 90, side: 'above' })!
    const [left, right] = said.split(' > ')
    expect(left).not.toBe(right)
  })

  test('takes a metric with a name that every object has', () => {
    expect(compare({ metric: 'constructor', value: 5, threshold: 4, side: 'above' })).toBe('5 > 4')
    expect(compare({ namespace: '__proto__', metric: '__proto__', value: 5 })).toBe('5')
  })

  test.each([Number.MAX_VALUE, Number.MIN_VALUE, -Number.MAX_VALUE, 1e21, 1e-21, 0, -0])(
    'stays short for %d',
    (value) => {
      for (const metric of ['FreeStorageSpace', 'Latency', 'CPUUtilization', 'Count', 'IteratorAgeMilliseconds'])
        expect(compare({ metric, value, threshold: 1, side: 'above' })!.length).toBeLessThan(60)
    },
  )
})

describe('an alarm in a few words', () => {
  test.each([
    [{ name: 'a', metric: 'Errors', value: 3, threshold: 0, side: 'above' as const }, 'Errors 3 > 0'],
    [{ name: 'a', metric: 'Errors' }, 'Errors'],
    [{ name: 'shop-down' }, 'shop-down'],
    [{ name: 'a', metric: 'FreeableMemory', namespace: 'AWS/RDS', value: GIB / 2 }, 'FreeableMemory 512 MiB'],
  ])('%j: %s', (alarm, said) => {
    expect(words(alarm)).toBe(said)
  })
})

describe('how long', () => {
  test.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [89_000, '89 s'],
    [90_000, '2 min'],
    [89 * 60_000, '89 min'],
    [90 * 60_000, '1 h 30 min'],
    [2 * 3_600_000, '2 h'],
    [47.5 * 3_600_000, '47 h 30 min'],
    [72 * 3_600_000, '3 d'],
  ])('%d ms: %s', (ms, said) => {
    expect(duration(ms)).toBe(said)
  })
})

test('lists end in a count where they are long', () => {
  const lists = [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map((words) => enumerate(words))
  expect(lists).toEqual(['', 'a', 'a and b', 'a, b and c', 'a, b and 2 more'])
  expect([plural(0, 'alarm'), plural(1, 'alarm'), plural(2, 'alarm')]).toEqual(['0 alarms', '1 alarm', '2 alarms'])
})
