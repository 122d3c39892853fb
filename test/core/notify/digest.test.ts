// Which incidents share a digest, which have a message of their own, and who is called for all of them.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../../lambda/config.ts'
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import { draftOf, type Draft } from '../../../lambda/core/incident/draft.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import { lostRun } from '../../../lambda/store/restore.ts'
import { Rows } from '../../../lambda/core/incident/rows.ts'
import {
  callFor,
  changeOf,
  countRaised,
  inDigests,
  mergeInto,
  putInto,
  standingAlone,
} from '../../../lambda/core/notify/digest.ts'
import { testAlarmName } from '../../../lambda/core/facts/test-alarm.ts'
import { rulesOf } from '../../../lambda/core/services/rules.ts'

const rules = rulesOf(checkConfig({ slack: { channel: '#a' }, services: {} }))
const NOW = Date.parse('2026-03-01T02:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000

/** As after a commit: everything stands in the index. */
const stored = ({ board }: Draft): Board => ({ ...board, index: Rows.of(Object.values(board.incidents)) })

/** So many incidents are raised in #a, each at its time. */
function raised(board: Board, times: readonly number[]): Board {
  return times.reduce((before, now) => {
    const draft = draftOf(before, rules, now)
    raise(draft)
    return stored(draft)
  }, board)
}

function raise(draft: Draft, more: Partial<Incident> = {}): Incident {
  const { id } = draft.open(draft.now)
  Object.assign(draft.edit(id), { status: 'open', places: ['#a'], ...more })
  countRaised(draft, id)
  return draft.get(id)
}

const fifteen = (start = NOW): Board => raised(emptyBoard(), Array(15).fill(start) as number[])
const digestOf = (board: Board, id: string): number | undefined => board.incidents[id]!.digest

describe('the sixteenth', () => {
  test.each<[string, Partial<Incident>, number | undefined]>([
    ['of whatever kind', {}, 1],
    ['major', { severity: 'major' }, 1],
    ['critical', { severity: 'critical' }, undefined],
    ['on which a runbook acts', { runs: [{ ...lostRun('r', 's'), status: 'running' }] }, undefined],
    ['for which one is proposed', { runs: [{ ...lostRun('r', 's'), status: 'proposed' }] }, 1],
    ['that another team sees as well', { places: ['#a', '#b'] }, undefined],
    ['whose home is another, which refuses messages', { places: ['#a', '#b'], refusing: { '#b': 'archived' } }, 1],
    ['that somebody took out of another', { unrelated: { s: 'INC-0001' } }, undefined],
    ['to which somebody is called', { called: 1 }, undefined],
    ['that is a test', { services: { [testAlarmName('1', { calls: false })]: {} } }, undefined],
  ])('%s', (_, more, digest) => {
    const draft = draftOf(fifteen(), rules, NOW + MINUTE)
    expect(raise(draft, more).digest).toBe(digest)
  })

  test('in another channel is the first there', () => {
    const draft = draftOf(fifteen(), rules, NOW)
    expect(raise(draft, { places: ['#b'] }).digest).toBeUndefined()
  })

  test('counts those that have a message, as those that share one', () => {
    const board = raised(fifteen(), [NOW + 30_000, NOW + MINUTE])
    expect(['INC-0016', 'INC-0017'].map((id) => digestOf(board, id))).toEqual([1, 1])
    expect(board.raised).toEqual({ '#a': [...(Array(13).fill(NOW) as number[]), NOW + 30_000, NOW + MINUTE] })
  })

  test('of a minute ago and longer nothing is kept', () => {
    expect(raised(fifteen(), [NOW + MINUTE + 1]).raised).toEqual({ '#a': [NOW + MINUTE + 1] })
  })
})

describe('a digest', () => {
  const shared = (at: number, board = fifteen(at)): Board => raised(board, [at])

  test.each([
    ['goes on for ten minutes after the last one that joined', 10 * MINUTE, 1],
    ['and no longer', 10 * MINUTE + 1, 2],
  ])('%s', (_, after, digest) => {
    const draft = draftOf(shared(NOW), rules, NOW + after)
    const { id } = draft.open(draft.now)
    putInto(draft, id, '#a')
    expect(draft.get(id).digest).toBe(digest)
  })

  test('is kept for a day, then as long as an incident is in it; a number is given once', () => {
    const empty = { ...emptyBoard(), nextId: 1 }
    const draft = draftOf(empty, rules, NOW)
    putInto(draft, draft.open(NOW).id, '#a')
    putInto(draft, draft.open(NOW).id, '#b')
    const board = stored(draft)
    const later = (before: Board): Record<number, unknown> => {
      const next = draftOf(before, rules, NOW + 2 * DAY)
      putInto(next, next.open(next.now).id, '#c')
      return next.board.digests!
    }
    expect(Object.keys(later(board))).toEqual(['1', '2', '3'])
    const { 'INC-0001': _, ...left } = board.incidents
    expect(Object.keys(later(stored({ board: { ...board, incidents: left } } as Draft)))).toEqual(['2', '3'])
    // The newest stays although nothing is in it.
    expect(Object.keys(later({ ...board, incidents: {}, index: Rows.of([]) }))).toEqual(['2', '3'])
  })

  test('shows another number whenever something that it shows is another', () => {
    const board = shared(NOW)
    const numberOf = (one: Board): number => changeOf(inDigests(one, '#a')[0]!)
    const { 'INC-0016': one } = board.incidents
    const others: Board[] = [
      shared(NOW, board),
      { ...board, index: board.index.with([{ ...one!, change: one!.change + 1 }]) },
      { ...board, index: board.index.with([{ ...one!, status: 'resolved' }]) },
      { ...board, digests: { 1: { ...board.digests![1]!, own: 1 } } },
    ]
    expect(new Set([board, ...others].map(numberOf)).size).toBe(5)
    expect(numberOf({ ...board })).toBe(numberOf(board))
  })

  test('of another channel is not shown', () => {
    expect(inDigests(shared(NOW), '#b')).toEqual([])
  })

  test.each<[string, Partial<Incident>, string | undefined]>([
    ['stays', {}, undefined],
    ['leaves, once it is critical', { severity: 'critical' }, 'it is critical'],
    ['leaves, if the digest is gone', { digest: 7 }, 'its digest could not be read'],
    ['leaves, if that is another channel’s', { places: ['#b'] }, 'its digest could not be read'],
    ['leaves, if somebody is called to it', { called: 1 }, 'somebody is called to it'],
  ])('what is in it %s', (_, more, why) => {
    const draft = draftOf(shared(NOW), rules, NOW)
    Object.assign(draft.edit('INC-0016'), more)
    const incident = draft.get('INC-0016')
    for (const { act } of standingAlone(incident, draft)) act(draft)
    const texts = draft.get('INC-0016').timeline.map(({ text }) => text)
    expect(texts.at(-1)).toBe(why === undefined ? texts[0] : `Has a message of its own now: ${why}`)
    expect(draft.get('INC-0016').digest === undefined).toBe(why !== undefined)
    expect(draft.board.digests![1]!.own).toBe(Number(why !== undefined && more.digest === undefined))
  })
})

describe('of two that become one, the elder', () => {
  test.each<[string, Partial<Incident>, Partial<Incident>, number | undefined, number, number]>([
    ['leaves it, if the younger has a message', { digest: 1 }, {}, undefined, 1, 1],
    ['stays, if both are in it', { digest: 1 }, { digest: 1 }, 1, 0, 0],
    ['stays, if nobody has heard of the younger', { digest: 1 }, { places: [] }, 1, 0, 1],
    ['takes its place, if nobody has heard of the elder', { places: [] }, { digest: 1 }, 1, 0, 1],
    ['keeps its message', {}, { digest: 1 }, undefined, 0, 0],
  ])('%s', (_, elder, younger, digest, own, count) => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    const [target, source] = [elder, younger].map((more) => {
      const { id } = draft.open(NOW)
      return Object.assign(draft.edit(id), { places: ['#a'], ...more })
    })
    mergeInto(draft, target!, source!)
    const { own: left, count: shared } = draft.board.digests![1]!
    expect([draft.get(target!.id).digest, left, shared, source!.digest]).toEqual([digest, own, count, undefined])
  })
})

describe('whom it calls', () => {
  interface Calling {
    step: number
    whom: string[]
    /** Minutes after the first. */
    at?: number
    /** Since when its incident waits. */
    since?: number
  }
  const calls = (...calling: Calling[]): unknown => {
    const board = calling.reduce(
      (before, { at = 0, since = 0, ...call }) => {
        const draft = draftOf(before, rules, NOW + at * MINUTE)
        callFor(draft, 'INC-0016', { ...call, waited: MINUTE, since: NOW + since * MINUTE })
        return stored(draft)
      },
      raised(fifteen(), [NOW]),
    )
    return board.digests![1]!.calls?.map(({ number, whom }) => [number, whom.join()])
  }
  const [one, two] = [['U1'], ['U2']]

  test.each<[string, Calling[], unknown]>([
    ['the first', [{ step: 1, whom: one }], [[1, 'U1']]],
    [
      'the same at the same step: once',
      [
        { step: 1, whom: one },
        { step: 1, whom: one },
      ],
      [[1, 'U1']],
    ],
    [
      'the same at an earlier step: once',
      [
        { step: 2, whom: one },
        { step: 1, whom: one },
      ],
      [[1, 'U1']],
    ],
    [
      'the same at the next step: again',
      [
        { step: 1, whom: one },
        { step: 2, whom: one },
      ],
      [
        [1, 'U1'],
        [2, 'U1'],
      ],
    ],
    [
      'somebody else',
      [
        { step: 1, whom: one },
        { step: 1, whom: two },
      ],
      [
        [1, 'U1'],
        [2, 'U2'],
      ],
    ],
    [
      'of two, who was not called',
      [
        { step: 1, whom: one },
        { step: 1, whom: [...one, ...two] },
      ],
      [
        [1, 'U1'],
        [2, 'U2'],
      ],
    ],
    [
      'two teams in turn: each once',
      [
        { step: 1, whom: one },
        { step: 1, whom: two },
        { step: 1, whom: one },
        { step: 1, whom: two },
      ],
      [
        [1, 'U1'],
        [2, 'U2'],
      ],
    ],
    [
      'for what came up after they were called: again',
      [
        { step: 1, whom: one },
        { step: 1, whom: one, at: 30, since: 28 },
      ],
      [
        [1, 'U1'],
        [2, 'U1'],
      ],
    ],
  ])('%s', (_, calling, expected) => {
    expect(calls(...calling)).toEqual(expected)
  })

  test('keeps the latest ten, and counts on', () => {
    const many = Array.from({ length: 12 }, (_, place) => ({ step: 1, whom: [`U${place}`] }))
    expect((calls(...many) as unknown[]).at(0)).toEqual([3, 'U2'])
    expect((calls(...many) as unknown[]).at(-1)).toEqual([12, 'U11'])
  })

  test('the incident itself then calls nobody', () => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    draft.note('INC-0016', { at: NOW, kind: 'escalated', text: 'telling' })
    expect(standingAlone(draft.get('INC-0016'), draft)).toHaveLength(1)
    callFor(draft, 'INC-0016', { step: 1, whom: one, waited: MINUTE, since: NOW })
    expect([draft.get('INC-0016').called, standingAlone(draft.get('INC-0016'), draft)]).toEqual([undefined, []])
  })

  test('nobody, for an incident with a message of its own', () => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    callFor(draft, 'INC-0001', { step: 1, whom: one, waited: MINUTE, since: NOW })
    expect(draft.board.digests![1]!.calls).toBeUndefined()
  })
})
