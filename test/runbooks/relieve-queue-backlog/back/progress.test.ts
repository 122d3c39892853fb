// Sending kept messages back: what became of those in flight, and the header by which they are known.
import {
  batchSize,
  fateOf,
  idIn,
  ID_HEADER,
  marked,
  type Fate,
  type Looked,
} from '../../../../lambda/runbooks/relieve-queue-backlog/back/progress.ts'

const looked = (found: number[], consumers = 0): Looked => ({ found: new Set(found), consumers })

describe('messages that were under way when it was stopped', () => {
  test.each<[string, number[], Looked | undefined, Fate]>([
    [
      'none arrived, the one before is there',
      [3, 4, 5],
      looked([0, 1, 2]),
      { sent: [], send: [3, 4, 5], uncertain: [] },
    ],
    ['all arrived', [3, 4, 5], looked([2, 3, 4, 5]), { sent: [3, 4, 5], send: [], uncertain: [] }],
    ['the first arrived', [3, 4, 5], looked([2, 3]), { sent: [3], send: [4, 5], uncertain: [] }],
    ['one was refused between', [3, 4, 5], looked([2, 3, 5]), { sent: [3, 5], send: [4], uncertain: [] }],
    [
      'a consumer took the head, the last is there',
      [3, 4, 5],
      looked([5], 1),
      { sent: [5], send: [], uncertain: [3, 4] },
    ],
    [
      'a consumer took the head, what follows never came',
      [3, 4, 5],
      looked([4], 1),
      { sent: [4], send: [5], uncertain: [3] },
    ],
    [
      'a consumer took everything, or nothing came',
      [3, 4, 5],
      looked([], 1),
      { sent: [], send: [], uncertain: [3, 4, 5] },
    ],
    ['a consumer was there and went', [3, 4, 5], looked([]), { sent: [], send: [], uncertain: [3, 4, 5] }],
    ['the very first, and nobody consumes', [0, 1], looked([]), { sent: [], send: [0, 1], uncertain: [] }],
    ['the very first, with a consumer', [0, 1], looked([], 1), { sent: [], send: [], uncertain: [0, 1] }],
    ['nobody could look', [3, 4], undefined, { sent: [], send: [], uncertain: [3, 4] }],
    ['others between them were sent', [1, 4], looked([0, 2, 3]), { sent: [], send: [1, 4], uncertain: [] }],
  ])('%s', (_, open, seen, wanted) => {
    expect(fateOf({ open, unsent: [] }, seen)).toEqual(wanted)
  })
})

test.each([
  [0.5, 1],
  [1, 1],
  [200, 40],
  [100_000, 500],
])('at %d messages a second, %d go at once', (rate, wanted) => expect(batchSize(rate)).toBe(wanted))

describe('the header with the id', () => {
  const line = (headers: unknown) => ({
    id: 'r/q/7',
    body: '',
    properties: { headers, messageId: 'm' },
    exchange: '',
    routingKey: '',
    redelivered: false,
  })

  test.each<[string, unknown, unknown]>([
    ['is added', { a: 1 }, { a: 1, [ID_HEADER]: 'r/q/7' }],
    ['is there alone', undefined, { [ID_HEADER]: 'r/q/7' }],
    [
      'is added to a table that is a list of pairs',
      { $table: [['$a', 1]] },
      {
        $table: [
          ['$a', 1],
          [ID_HEADER, 'r/q/7'],
        ],
      },
    ],
  ])('%s', (_, headers, wanted) => {
    const sent = marked(line(headers))
    expect(sent.properties).toEqual({ headers: wanted, messageId: 'm' })
    expect(sent).not.toHaveProperty('id')
    expect(idIn(sent)).toBe('r/q/7')
  })

  test('is not found where it is not', () => {
    for (const properties of [{}, { headers: {} }, { headers: { [ID_HEADER]: 7 } }, { headers: { $table: [] } }])
      expect(idIn({ properties })).toBeUndefined()
  })
})
