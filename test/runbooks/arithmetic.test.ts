// The numbers that runbooks base decisions on.
import { more } from '../../lambda/runbooks/add-capacity/more.ts'
import { batchOf } from '../../lambda/runbooks/parts/batches.ts'
import { breaches, isWorse } from '../../lambda/runbooks/parts/breach.ts'
import { partsOf, whyNotCleanable } from '../../lambda/runbooks/free-disk/cleanable.ts'
import { grown, lacking, onThese, scarcer, type Cleanable, type Disk } from '../../lambda/runbooks/free-disk/disk.ts'
import { allNeedMore, largest, raised } from '../../lambda/runbooks/relieve-memory/memory.ts'
import { callersOf } from '../../lambda/core/services/callers.ts'
import { median, shorter, type Wait } from '../../lambda/runbooks/cut-connection-timeout/timeout.ts'
import { secondsOf, written } from '../../lambda/runbooks/cut-connection-timeout/value.ts'

describe('a shorter timeout', () => {
  test.each<[string, Partial<Wait>, number | string]>([
    ['60 s becomes 5 s where healthy calls are quick', { healthy: 0.4 }, 5],
    ['three times what healthy calls take', { healthy: 4 }, 12],
    ['below what the shortest caller waits', { healthy: 0.4, callers: { web: 4, api: 30 } }, 3],
    ['from the callers alone', { callers: { api: 30 } }, 5],
    ['a part of a second, where the caller waits no longer', { callers: { api: 1 }, least: 0.1 }, 0.8],
    [
      'never below the least',
      { callers: { api: 2 }, least: 2 },
      'api waits 2 s, healthy calls need 2 s: no timeout fits in between',
    ],
    ['healthy calls must fit', { healthy: 4, callers: { api: 6 } }, 'api waits 6 s, healthy calls need 12 s'],
    ['just above what healthy calls need', { healthy: 1.8, callers: { api: 6.9 } }, 5.4],
    ['nothing is known', {}, 'nothing says how short it may be'],
    ['short enough already', { now: 5, healthy: 0.4 }, '5 s is short enough already'],
    ['never longer than now', { now: 3, healthy: 2 }, '3 s is short enough already'],
  ])('%s', (_, wait, expected) => {
    const found = shorter({ now: 60, callers: {}, least: 1, ...wait })
    if (typeof expected === 'number') expect(found).toMatchObject({ seconds: expected })
    else expect('stop' in found && found.stop).toContain(expected)
  })

  test('says why', () => {
    expect(shorter({ now: 60, callers: { web: 10 }, least: 1, healthy: 0.4 })).toEqual({
      seconds: 5,
      why: 'the p99 of healthy calls is 0.4 s; web waits 10 s',
    })
  })

  test('callers are those that name it and say how long they wait', () => {
    const service = (dependsOn: string[], timeoutSeconds?: number) =>
      ({ dependsOn, ...(timeoutSeconds !== undefined && { timeoutSeconds }) }) as never
    const services = {
      web: service(['athena'], 4),
      api: service(['athena']),
      far: service(['web'], 1),
      athena: service(['athena'], 60),
    }
    expect(callersOf(services, 'athena')).toEqual({ web: 4 })
  })

  test.each([
    ['60', 'seconds', 60, 5, '5'],
    ['60.0', 'seconds', 60, 3.2, '3.2'],
    ['60', 'seconds', 60, 3.2, '3'],
    ['60000', 'milliseconds', 60, 3.2, '3200'],
    ['1m', 'seconds', undefined, 5, '5'],
    ['', 'seconds', undefined, 5, '5'],
    ['-5', 'seconds', undefined, 5, '5'],
  ] as const)('"%s" in %s is %s s; %s s are written as "%s"', (text, unit, seconds, next, words) => {
    expect(secondsOf(text, unit)).toBe(seconds)
    expect(written(next, unit, text)).toBe(words)
  })

  test.each([
    [[], undefined],
    [[3], 3],
    [[9, 1, 2], 2],
    [[60, 60, 0.4, 0.5, 0.4], 0.5],
  ])('the median of %j is %s', (values, middle) => {
    expect(median(values)).toBe(middle)
  })
})

test.each([
  [4, 25, 1],
  [12, 25, 3],
  [1, 25, 1],
  [3, 50, 1],
  [7, 34, 2],
])('of %d, %d %% are %d at a time', (count, percent, batch) => {
  expect(batchOf(count, percent)).toBe(batch)
})

test.each([
  [4, 50, 10, 6],
  [4, 50, 5, 5],
  [4, 50, 4, 4],
  [1, 10, 9, 2],
  [9, 50, 4, 9],
])('%d and %d %% more, at most %d: %d', (count, percent, most, next) => {
  expect(more(count, percent, most)).toBe(next)
})

test.each([
  [1, 'above', 1, false],
  [1, 'at or above', 1, true],
  [0.9, 'below', 1, true],
  [1, 'below', 1, false],
  [1, 'at or below', 1, true],
] as const)('%d is %s %d: %s', (value, comparison, limit, is) => {
  expect(breaches(value, comparison, limit)).toBe(is)
})

test.each([
  [8, 12, 50, false],
  [8, 12.1, 50, true],
  [undefined, 99, 50, false],
  [8, undefined, 50, false],
  [0, 1, 50, true],
])('latency %s then %s, %d %% allowed: worse %s', (before, now, percent, is) => {
  expect(isWorse(before, now, percent)).toBe(is)
})

describe('what may be cleaned', () => {
  test.each([
    '/var/log/athena/*.gz',
    '/var/log/*.gz',
    '/var/cache/athena',
    '/tmp/*',
    '/tmp',
    '/data/tmp/*',
    '/data/*.tmp',
    '/opt/app/logs',
    '/srv/a/tmp-*',
    '/var/log/mysql/*.gz',
    '/var/log/kafka/*.gz',
    '/var/log/athena',
    '/opt/app/*.hprof',
    '/var/cache/apt/archives',
    '/var/lib/athena/cache',
    '/var/lib/jenkins/caches/x',
    '/var/lib/athena/*.tmp',
    '/var/lib/docker/tmp/*',
    '/data/athena/old',
    '/home/athena/.cache/models',
    '/home/athena/logs',
  ])('%s', (path) => {
    expect(whyNotCleanable(path)).toBeUndefined()
  })

  test.each([
    '/',
    '/*',
    '/etc/x/*',
    '/usr/lib/a',
    '/var',
    '/var/*',
    '/var/log',
    '/var/log/*',
    '/var/lib/*',
    '/var/lib',
    '/data',
    '/data/*',
    '/home/*',
    'relative/x',
    '/var/log/../../etc/x',
    '/var/log/a b',
    "/var/log/a'b",
    '/var/log/$(x)',
    '/var/log/;x',
    '/var/log/a\nb',
    '/var/*/x',
    '/var/log//x',
    '/var/log/x/',
    '~/x',
    '',
    '/var/log/a|b',
    '/var/log/a?b',
    '/var/log/[a]',
    '/var/log/-rf/..',
    '/root/.ssh',
    '/root/cache',
    '/home/athena/.ssh',
    '/home/athena/.aws/*',
    '/var/lib/mysql',
    '/var/lib/mysql/*.ibd',
    '/var/lib/dpkg',
    '/var/lib/dpkg/info/*.list',
    '/var/lib/postgresql/15/main',
    '/var/lib/rabbitmq/mnesia',
    '/var/lib/docker/overlay2',
    '/var/lib/athena',
    '/var/lib/athena/state',
    '/data/mysql',
    '/data/db',
    '/mnt/data',
    '/mnt/Kafka/topics',
    '/opt/app/secrets',
    '/srv/cache/redis',
    '/srv/app',
    '/opt/app',
    '/home/ubuntu',
    '/home/ubuntu/*',
    '/var/lib/kafka/logs',
    '/tmp/kafka-logs',
    '/data/kafka-logs/*.log',
    '/var/log/mysql',
    '/u01/oradata',
    '/var/opt/mssql',
    '/var/spool/cron/crontabs',
    '/var/run/app',
    '/opt/app/ssl',
    '/opt/app/pki/*.pem',
    '/var/lib/docker/volumes/pg/_data/log',
    '/nix/store',
  ])('not %j', (path) => {
    expect(whyNotCleanable(path)).toEqual(expect.stringMatching(/\w/))
  })

  test('a pattern stands in the last part only', () => {
    expect(partsOf('/var/log/athena/*.gz')).toEqual({ folder: '/var/log/athena', pattern: '*.gz' })
    expect(partsOf('/var/cache/athena')).toEqual({ folder: '/var/cache/athena' })
  })
})

describe('room on a disk', () => {
  const root: Disk = { machine: 'i-1', mount: '/', size: 100, available: 5 }

  const files = (mount: string, bytes: number, count = 1) => ({
    machine: 'i-1',
    mount,
    path: '/x',
    bytes,
    files: count,
  })

  test.each<[string, Cleanable[], number]>([
    ['nothing may be cleaned', [], 15],
    ['some may be cleaned', [files('/', 10)], 5],
    ['enough may be cleaned', [files('/', 40)], 0],
    ['what is elsewhere does not help', [files('/data', 40)], 15],
  ])('%s', (_, cleanable, lack) => {
    expect(lacking(root, cleanable, 20)).toEqual({ bytes: lack, inodes: 0 })
  })

  test('inodes lack too', () => {
    const disk: Disk = { ...root, available: 50, inodes: { total: 1000, free: 50 } }
    expect(scarcer(disk)).toEqual({ of: 'inodes', percent: 5 })
    expect(scarcer({ ...disk, available: 4 })).toEqual({ of: 'bytes', percent: 4 })
    expect(lacking(disk, [files('/', 1, 100)], 20)).toEqual({ bytes: 0, inodes: 50 })
  })

  test('only files on the disks that are short help', () => {
    const all = [files('/', 1), files('/data', 1), files('/', 1, 0)]
    expect(onThese([root], all)).toEqual([all[0]])
  })

  test.each([
    [100, 25, 500, 125],
    [100, 25, 110, 110],
    [100, 25, 100, 100],
    [100, 25, 50, 100],
    [3, 25, 50, 4],
  ])('%d GiB and %d %%, at most %d: %d', (gib, percent, most, next) => {
    expect(grown(gib, percent, most)).toBe(next)
  })
})

describe('memory', () => {
  test.each([
    ['the one that uses most', [{ id: 'a', percent: 40 }, { id: 'b', percent: 96 }, { id: 'c' }], 'b'],
    [
      'the oldest, where nothing is measured',
      [
        { id: 'a', since: 9 },
        { id: 'b', since: 3 },
      ],
      'b',
    ],
    ['nobody', [{ id: 'a' }], undefined],
  ])('%s', (_, users, id) => {
    expect(largest(users)?.id).toBe(id)
  })

  test('all need more only where all are measured and all are above', () => {
    expect(
      allNeedMore(
        [
          { id: 'a', percent: 80 },
          { id: 'b', percent: 71 },
        ],
        70,
      ),
    ).toBe(true)
    expect(
      allNeedMore(
        [
          { id: 'a', percent: 80 },
          { id: 'b', percent: 69 },
        ],
        70,
      ),
    ).toBe(false)
    expect(allNeedMore([{ id: 'a', percent: 80 }, { id: 'b' }], 70)).toBe(false)
    expect(allNeedMore([], 70)).toBe(false)
  })

  test.each([
    [2048, 50, 9000, undefined, 3072],
    [2048, 50, 2500, undefined, 2500],
    [2048, 50, 2048, undefined, 2048],
    [2048, 50, 9000, '1024', 3072],
    [2048, 20, 9000, '1024', 3072],
    [2048, 20, 2600, '1024', 2048],
    [8192, 50, 99_999, '1024', 8192],
    [512, 50, 9000, '256', 1024],
    [1024, 50, 9000, '256', 2048],
    [1024, 50, 1500, '256', 1024],
    [16_384, 20, 99_999, '8192', 20_480],
  ])('%d MiB and %d %%, at most %d, with %s CPU units: %d', (mib, percent, most, cpu, next) => {
    expect(raised(mib, percent, most, cpu)).toBe(next)
  })
})
