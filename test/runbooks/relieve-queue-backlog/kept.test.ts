// Kept messages: their files, and whether a chunk that a crash left in doubt is still in the queue.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  chunkKey,
  chunkOf,
  folderOf,
  linesOf,
  manifestOf,
  queueIn,
  sumKey,
  sumKeysIn,
  verdictOn,
  type KeptMessage,
  type Verdict,
} from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'

const message = (id: string | undefined, more: Partial<KeptMessage> = {}): KeptMessage => ({
  body: Buffer.from(id === undefined ? 'tick' : `body of ${id}`).toString('base64'),
  properties: { ...(id !== undefined && { messageId: id }), headers: {} },
  exchange: '',
  routingKey: 'q',
  redelivered: false,
  ...more,
})
const again = (one: KeptMessage): KeptMessage => ({ ...one, redelivered: true })
const ids = (from: number, to: number): KeptMessage[] =>
  Array.from({ length: to - from }, (_, i) => message(`m${from + i}`))
const alike = (count: number): KeptMessage[] => Array.from({ length: count }, () => message(undefined))

const CAME_BACK = { is: 'came back' } as const
const DOUBTED = { is: 'removed', doubt: expect.stringContaining('after a crash it is unclear') as string } as const
/** Nothing was worked off since. */
const ALONE = { consumers: 0, compared: false, untouched: true }

describe('a chunk that was stored when the run died', () => {
  test.each<[string, KeptMessage[], KeptMessage[], typeof ALONE, Verdict]>([
    ['all of it is at the head again', ids(0, 5), ids(0, 5).map(again), ALONE, CAME_BACK],
    ['others are at the head', ids(0, 5), ids(5, 10), ALONE, DOUBTED],
    ['the queue is empty', ids(0, 5), [], ALONE, DOUBTED],
    [
      'it came back, and a consumer took the first two',
      ids(0, 5),
      [...ids(2, 5).map(again), ...ids(5, 7)],
      { consumers: 1, compared: false, untouched: false },
      CAME_BACK,
    ],
    [
      'it came back, and a consumer took most',
      ids(0, 5),
      [...ids(4, 5).map(again), ...ids(5, 9)],
      { consumers: 1, compared: false, untouched: false },
      DOUBTED,
    ],
    [
      'it came back, or a consumer took all',
      ids(0, 5),
      ids(5, 10),
      { consumers: 1, compared: false, untouched: false },
      DOUBTED,
    ],
    [
      'it came back behind what a consumer returned',
      ids(2, 7),
      ids(0, 5).map(again),
      { consumers: 1, compared: false, untouched: false },
      CAME_BACK,
    ],
    [
      'compared before, and back again',
      ids(0, 5),
      ids(0, 5).map(again),
      { consumers: 0, compared: true, untouched: false },
      CAME_BACK,
    ],
    ['a publisher sent the same ids once more', ids(0, 5), ids(0, 5), ALONE, DOUBTED],
    [
      'a quorum queue counted the delivery',
      ids(0, 3),
      ids(0, 3).map((one) => again({ ...one, properties: { ...one.properties, headers: { 'x-delivery-count': 1 } } })),
      ALONE,
      CAME_BACK,
    ],
    [
      'another header is another message',
      ids(0, 3),
      ids(0, 3).map((one) => again({ ...one, properties: { ...one.properties, headers: { attempt: 1 } } })),
      ALONE,
      DOUBTED,
    ],
    [
      'no headers are the same as an empty table',
      [message('a')],
      [again({ ...message('a'), properties: { messageId: 'a' } })],
      ALONE,
      CAME_BACK,
    ],
    ['all alike, and back', alike(5), alike(5).map(again), ALONE, CAME_BACK],
    ['all alike, and removed', alike(5), alike(5), ALONE, DOUBTED],
    [
      'all alike, back, and compared before: that may have marked others',
      alike(5),
      alike(5).map(again),
      { consumers: 0, compared: true, untouched: false },
      DOUBTED,
    ],
    [
      'all alike, back, with a consumer: it may have marked others',
      alike(5),
      alike(5).map(again),
      { consumers: 1, compared: false, untouched: false },
      DOUBTED,
    ],
    [
      'all alike, and somebody has worked off some since',
      alike(5),
      alike(5).map(again),
      { ...ALONE, untouched: false },
      DOUBTED,
    ],
    [
      'all alike, and marked already when they were taken first',
      alike(5).map(again),
      alike(5).map(again),
      ALONE,
      DOUBTED,
    ],
    [
      'all alike, removed, behind them some that were marked',
      alike(5),
      [...alike(2).map(again), ...alike(3)],
      ALONE,
      DOUBTED,
    ],
  ])('%s', (_, stored, taken, circumstances, wanted) => {
    expect(verdictOn(stored, taken, circumstances)).toEqual(wanted)
  })

  test('is never said to be back when it was removed and nobody else marks messages', () => {
    const body = fc.constantFrom('a', 'b')
    const any = fc.record({ body, id: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), fc.array(any, { maxLength: 8 }), (first, behind) => {
        const made = (one: { body: string; id: string | undefined }) => message(one.id, { body: one.body })
        expect(verdictOn(first.map(made), behind.slice(0, first.length).map(made), ALONE).is).toBe('removed')
      }),
    )
  })
})

describe('the files', () => {
  const folder = folderOf('INC-0001-1', 'studio/jobs ü')

  test('lie in a folder whose name holds any queue', () => {
    expect(folder).toBe('INC-0001-1/studio%2Fjobs%20%C3%BC/')
    expect(queueIn(folder)).toBe('studio/jobs ü')
  })

  test('are in order by their names', () => {
    const keys = [9, 10, 1_000].map((n) => chunkKey(folder, n))
    expect(keys.toSorted()).toEqual(keys)
  })

  test('only what was removed has a sum', () => {
    const keys = [
      chunkKey(folder, 1),
      sumKey(folder, 1),
      chunkKey(folder, 2),
      `${folder}manifest.json`,
      `${folder}republished.json`,
    ]
    expect(sumKeysIn(keys)).toEqual([sumKey(folder, 1)])
  })

  test('hold each message in a line, in order, with the place that it has among all', () => {
    const { text, sum } = chunkOf(folder, 2, 5, ids(5, 8))
    expect(linesOf(text).map(({ id }) => id)).toEqual([5, 6, 7].map((place) => `${folder}${place}`))
    expect(linesOf(text).map(({ id: _, ...rest }) => rest)).toEqual(ids(5, 8))
    expect(sum).toEqual({
      chunk: 2,
      first: 5,
      count: 3,
      bytes: 30,
      sha256: createHash('sha256').update(text).digest('hex'),
    })
  })

  test('are added up in the manifest, in their order', () => {
    const sums = [chunkOf(folder, 2, 5, ids(5, 8)).sum, { ...chunkOf(folder, 1, 0, ids(0, 5)).sum, doubt: 'a crash' }]
    const manifest = manifestOf({ run: 'r', service: 's', kind: 'rabbitmq', vhost: '/', queue: 'q' }, sums)
    expect(manifest).toMatchObject({ count: 8, bytes: 80, doubtful: 5, chunks: [sums[1], sums[0]] })
  })
})
