// What a place is told next, and when.
import { describe, expect, test } from '@jest/globals'
import type { Told } from '../../../lambda/core/notify/ledger.ts'
import { adopted, refusedAgain } from '../../../lambda/core/notify/ledger.ts'
import type { Notice } from '../../../lambda/core/notify/notices.ts'
import { isTold, plan, type Subject, type View } from '../../../lambda/core/notify/next-message.ts'

const NOW = 1_000_000
const NO = { reason: 'no', change: 3, now: NOW }

const subject = (id: string, rest: Partial<Subject> = {}): Subject => ({
  id,
  status: 'open',
  severity: 'major',
  firstAt: NOW - 5000,
  change: 3,
  news: 0,
  isHeld: false,
  ...rest,
})
const shown = (rest: Partial<Told> = {}): Told => ({ ref: 'C1/1.1', shown: 3, as: 'open', threaded: 0, ...rest })

type Known = [Subject, Told?][]
const viewOf = (known: Known, freeAt: Partial<View['freeAt']> = {}, behind: string[] = []): View => ({
  subjects: known.map(([one]) => one),
  told: new Map(known.flatMap(([{ id }, told]) => (told ? [[id, told] as const] : []))),
  notices: [],
  behind: new Set(behind),
  freeAt: { post: 0, edit: 0, ...freeAt },
})

describe('what comes next', () => {
  test.each<[string, Known, string | undefined]>([
    ['nothing, where nothing is', [], undefined],
    ['nothing, where all is shown', [[subject('1'), shown()]], undefined],
    ['a post of what is new', [[subject('1')]], 'post 1'],
    [
      'the more severe of two that are new',
      [[subject('1', { severity: 'minor' })], [subject('2', { severity: 'critical' })]],
      'post 2',
    ],
    ['the older of two', [[subject('1')], [subject('2', { firstAt: NOW - 9000 })]], 'post 2'],
    [
      'what is new before a change of status',
      [[subject('1', { status: 'resolved', change: 4 }), shown()], [subject('2')]],
      'post 2',
    ],
    [
      'a change of status before numbers',
      [
        [subject('1', { change: 4 }), shown()],
        [subject('2', { status: 'resolved', change: 4 }), shown()],
      ],
      'update 2',
    ],
    [
      'a change of status before history',
      [
        [subject('1', { news: 2 }), shown()],
        [subject('2', { status: 'resolved', change: 4 }), shown()],
      ],
      'update 2',
    ],
    [
      'history before numbers',
      [
        [subject('1', { change: 4 }), shown()],
        [subject('2', { news: 2 }), shown()],
      ],
      'reply 2',
    ],
    [
      'whose turn it is',
      [
        [subject('1', { change: 4 }), shown({ sentAt: { edit: 9 } })],
        [subject('2', { change: 4 }), shown({ sentAt: { edit: 8 } })],
      ],
      'update 2',
    ],
    ['nothing of one that is held', [[subject('1', { isHeld: true })]], undefined],
    ['nothing of one that is told in a digest', [[subject('1', { digest: 1 })]], undefined],
    [
      'an edit of one that is told in a digest, but was posted',
      [[subject('1', { digest: 1, change: 4 }), shown()]],
      'update 1',
    ],
    ['nothing of one that became part of another unseen', [[subject('1', { status: 'merged' })]], undefined],
    [
      'the move of one that became part of another',
      [[subject('1', { status: 'merged', change: 4 }), shown()]],
      'update 1',
    ],
    [
      'what may be on its way, although it became part of another',
      [
        [
          subject('1', { status: 'merged' }),
          { shown: 0, threaded: 0, sending: { what: 'post', at: 1, tag: 't', shown: 1, upTo: 1 } },
        ],
      ],
      'post 1',
    ],
    [
      'another, where one was refused a moment ago',
      [
        [subject('1'), { shown: 0, threaded: 0, refused: { post: refusedAgain(undefined, NO) } }],
        [subject('2', { severity: 'minor' })],
      ],
      'post 2',
    ],
  ])('%s', (_, known, expected) => {
    const next = plan(viewOf(known), NOW)
    expect(next && 'job' in next ? `${next.job.do} ${next.job.of}` : next).toEqual(expected)
  })

  test('waits for the pace of its lane, while the other lane goes on', () => {
    const known: Known = [[subject('1')], [subject('2', { change: 4 }), shown()]]
    expect(plan(viewOf(known, { post: NOW + 700 }), NOW)).toMatchObject({ job: { do: 'update' } })
    expect(plan(viewOf(known, { post: NOW + 700, edit: NOW + 900 }), NOW)).toEqual({
      waitMs: 700,
      isRefused: false,
      of: '1',
    })
  })

  const refusedTimes = (times: number, change = 3) => {
    let refused = refusedAgain(undefined, { ...NO, change })
    for (let more = 1; more < times; more++) refused = refusedAgain(refused, { ...NO, change })
    return refused
  }

  test('a refusal is waited out, and no longer by itself after six', () => {
    for (let times = 1; times <= 6; times++) {
      const refused = refusedTimes(times)
      const told = { shown: 0, threaded: 0, refused: { post: refused } }
      const waits = { waitMs: 1, isRefused: true, of: '1' }
      expect(plan(viewOf([[subject('1'), told]]), refused.until - 1)).toEqual(times < 6 ? waits : undefined)
      expect(plan(viewOf([[subject('1'), told]]), refused.until)).toMatchObject({ job: { do: 'post' } })
    }
  })

  test('what has changed since is tried again by itself, and so is another kind of message', () => {
    const refused = refusedTimes(6)
    const changed = shown({ refused: { update: refused } })
    expect(plan(viewOf([[subject('1', { change: 4 }), changed]]), refused.until - 1)).toMatchObject({ waitMs: 1 })
    const reply = shown({ refused: { reply: refusedTimes(6, 4) } })
    expect(plan(viewOf([[subject('1', { change: 4, news: 9 }), reply]]), NOW)).toMatchObject({ job: { do: 'update' } })
  })

  test('a refusal is tried again after 5, 15, 45 seconds, and then every minute', () => {
    const seconds = [1, 2, 3, 4, 5].map((times) => refusedTimes(times).until - NOW)
    expect(seconds).toEqual([5000, 15_000, 45_000, 60_000, 60_000])
  })

  test('what had no answer goes behind the others, and has its turn after them', () => {
    const two: Known = [[subject('1')], [subject('2', { severity: 'minor' })]]
    expect(plan(viewOf(two, {}, ['1']), NOW)).toMatchObject({ job: { of: '2' } })
    expect(plan(viewOf(two, {}, ['1', '2']), NOW)).toMatchObject({ job: { of: '1' } })
  })
})

test.each<[string, Subject, Told, boolean]>([
  ['a message that shows it', subject('1'), shown(), true],
  ['no message', subject('1'), { shown: 3, threaded: 0 }, false],
  ['an older message', subject('1'), shown({ shown: 2 }), false],
  ['a thread that lacks something', subject('1', { news: 4 }), shown({ threaded: 3 }), false],
  ['nothing, where nobody hears of it', subject('1', { isHeld: true }), { shown: 0, threaded: 0 }, true],
])('all is told with %s', (_, one, told, expected) => expect(isTold(one, told)).toBe(expected))

describe('what 0.1.0 had told', () => {
  test('goes on, with what was on its way', () => {
    const sending = { what: 'reply', at: 5, upTo: 7 } as const
    expect(adopted({ ts: 'C1/1.1', shown: 2, as: 'open', threaded: 4, sending }, 'INC-0001')).toEqual({
      ref: 'C1/1.1',
      shown: 2,
      as: 'open',
      threaded: 4,
      sending: { ...sending, tag: 'INC-0001/7', shown: 0 },
    })
  })

  test('is nothing, if it had told nothing', () => {
    expect(adopted({ shown: 0, threaded: 0 }, 'INC-0001')).toBeUndefined()
    expect(adopted(undefined, 'INC-0001')).toBeUndefined()
  })
})

describe('of a digest', () => {
  const digest: Notice['digest'] = {
    digest: { place: '#a', since: NOW, last: NOW, count: 1, own: 0 },
    open: [{ ...subject('9'), lastAt: NOW, firing: 1, services: {} }],
  }
  const notice: Notice = { of: 'digest@1', count: 7, since: NOW, calls: 0, digest }
  const next = (known: Known, told: Told | undefined, more: Partial<Notice> = {}): string | undefined => {
    const view = viewOf(known)
    const all = new Map([...view.told, ...(told ? [[notice.of, told] as const] : [])])
    const planned = plan({ ...view, told: all, notices: [{ ...notice, ...more }] }, NOW)
    return planned && 'job' in planned ? `${planned.job.do} ${planned.job.of}` : undefined
  }

  test.each<[string, Known, Told | undefined, Partial<Notice>, string | undefined]>([
    ['its post before that of what is not critical', [[subject('1')]], undefined, {}, 'post digest@1'],
    ['its post after that of what is critical', [[subject('1', { severity: 'critical' })]], undefined, {}, 'post 1'],
    [
      'its post before any edit',
      [[subject('1', { status: 'resolved', change: 4 }), shown()]],
      undefined,
      {},
      'post digest@1',
    ],
    ['nothing, if all is shown', [], shown({ shown: 7 }), {}, undefined],
    [
      'a change of status before its edit',
      [[subject('1', { status: 'resolved', change: 4 }), shown()]],
      shown(),
      {},
      'update 1',
    ],
    [
      'its edit when it is its turn',
      [[subject('1', { change: 4 }), shown({ sentAt: { edit: 9 } })]],
      shown(),
      {},
      'update digest@1',
    ],
    [
      'other edits when it is theirs',
      [[subject('1', { change: 4 }), shown()]],
      shown({ sentAt: { edit: 9 } }),
      {},
      'update 1',
    ],
    [
      'its call before history',
      [[subject('1', { news: 2 }), shown()]],
      shown({ shown: 7 }),
      { calls: 1 },
      'reply digest@1',
    ],
    ['no call to what is over', [], shown({ shown: 7 }), { calls: 1, digest: { ...digest, open: [] } }, undefined],
    ['no post, if nothing is in it any more', [], undefined, { isEmpty: true }, undefined],
    ['its edit, if nothing is in it any more', [], shown(), { isEmpty: true }, 'update digest@1'],
    ['no call that was told', [], shown({ shown: 7, threaded: 1 }), { calls: 1 }, undefined],
  ])('%s', (_, known, told, more, expected) => {
    expect(next(known, told, more)).toBe(expected)
  })
})
