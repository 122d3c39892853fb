// Whose message becomes whose line when incidents become one.
import { expect, test } from '@jest/globals'
import { UNTOLD, type Told } from '../../../lambda/core/notify/ledger.ts'
import { inheritance, inherited, passingOn, type Shown } from '../../../lambda/core/notify/passing-on.ts'

const HERE = '#here'
const one = (id: string, rest: Partial<Shown> = {}): Shown => ({
  id,
  status: 'merged',
  severity: 'major',
  firstAt: Number(id),
  change: 3,
  news: 0,
  filed: 2,
  isHeld: false,
  places: [HERE],
  ...rest,
})
/** Lives elsewhere, and has a line here. */
const line = (id: string, rest: Partial<Shown> = {}): Shown =>
  one(id, { status: 'open', places: ['#there', HERE], filed: 7, ...rest })
const shown = (ref: string, rest: Partial<Told> = {}): Told => ({ ref, shown: 2, as: 'open', threaded: 2, ...rest })

type Known = [Shown, Told?][]
const passing = (known: Known) => {
  const told = new Map(known.flatMap(([{ id }, is]) => (is ? [[id, is] as const] : [])))
  const { ready, waiting } = passingOn(
    known.map(([subject]) => subject),
    told,
    HERE,
  )
  return {
    ready: [...ready].map(([from, to]) => `${from} → ${to.id}`),
    waiting: [...waiting].map((pair) => pair.join(' → ')),
  }
}
const merged = (id: string, into: string, rest: Partial<Shown> = {}) => one(id, { mergedInto: into, ...rest })

test.each<[string, Known, Partial<ReturnType<typeof passing>>]>([
  ['whose thread is complete', [[merged('2', '1'), shown('m')], [line('1')]], { ready: ['2 → 1'] }],
  ['whose thread is not', [[merged('2', '1', { news: 3 }), shown('m')], [line('1')]], { waiting: ['2 → 1'] }],
  [
    'whose thread Slack refuses',
    [
      [
        merged('2', '1', { news: 3 }),
        shown('m', { refused: { reply: { reason: 'no', tries: 1, until: 9, change: 3 } } }),
      ],
      [line('1')],
    ],
    { ready: ['2 → 1'] },
  ],
  ['through others', [[merged('3', '2'), shown('m')], [merged('2', '1')], [line('1')]], { ready: ['3 → 1'] }],
  [
    'of several, the elder',
    [[merged('3', '1'), shown('n')], [merged('2', '1'), shown('m')], [line('1')]],
    { ready: ['2 → 1'] },
  ],
  [
    'that is half done',
    [
      [merged('2', '1'), shown('m')],
      [line('1'), shown('m')],
    ],
    { ready: ['2 → 1'] },
  ],
  [
    'where the other has a line already',
    [
      [merged('2', '1'), shown('m')],
      [line('1'), shown('n')],
    ],
    {},
  ],
  [
    'where the other has one on its way',
    [
      [merged('2', '1'), shown('m')],
      [line('1'), { ...UNTOLD, sending: { what: 'post', at: 1, tag: 't', shown: 1, upTo: 1 } }],
    ],
    {},
  ],
  ['where the other lives', [[merged('2', '1'), shown('m')], [one('1', { status: 'open' })]], {}],
  ['where nobody is to hear of the other', [[merged('2', '1'), shown('m')], [line('1', { isHeld: true })]], {}],
  ['that was never posted', [[merged('2', '1')], [line('1')]], {}],
  ['into one that is not here', [[merged('2', '1'), shown('m')]], {}],
])('a message %s', (_, known, expected) => {
  expect(passing(known)).toEqual({ ready: [], waiting: [], ...expected })
})

test('what is passed on has to be edited, and its thread holds nothing of the other yet', () => {
  const from = shown('m', { looks: 'x', home: 'h', sentAt: { post: 5 } })
  expect(inheritance(from, { ...UNTOLD, left: 4 }, line('1'))).toEqual({
    ref: 'm',
    shown: 0,
    as: 'open',
    threaded: 7,
    left: 4,
    sentAt: { post: 5 },
  })
  expect(inherited(from)).toEqual({ shown: 2, as: 'open', threaded: 2, sentAt: { post: 5 } })
})

test('a call that was not told yet comes afterwards', () => {
  expect(inheritance(shown('m'), undefined, line('1', { news: 4 })).threaded).toBe(3)
})
