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

  test('is kept for a week, then as long as an incident is in it; a number is given once', () => {
    const empty = { ...emptyBoard(), nextId: 1 }
    const draft = draftOf(empty, rules, NOW)
    putInto(draft, draft.open(NOW).id, '#a')
    putInto(draft, draft.open(NOW).id, '#b')
    const board = stored(draft)
    const later = (before: Board): Record<number, unknown> => {
      const next = draftOf(before, rules, NOW + 8 * DAY)
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
  ])('what is in it %s', (_, more, why) => {
    const draft = draftOf(shared(NOW), rules, NOW)
    Object.assign(draft.edit('INC-0016'), more)
    const incident = draft.get('INC-0016')
    for (const { act } of standingAlone(incident, draft)) act(draft)
    const texts = draft.get('INC-0016').timeline.map(({ text }) => text)
    expect(texts.at(-1)).toBe(why === undefined ? texts[0] : `Has a message of its own now: ${why}`)
    expect(draft.get('INC-0016').digest === undefined).toBe(why !== undefined)
    expect(draft.board.digests![1]!.own).toBe(Number(more.severity === 'critical'))
  })
})

describe('of two that become one, the elder', () => {
  test.each<[string, Partial<Incident>, Partial<Incident>, number | undefined, number]>([
    ['leaves it, if the younger has a message', { digest: 1 }, {}, undefined, 1],
    ['stays, if both are in it', { digest: 1 }, { digest: 1 }, 1, 0],
    ['stays, if nobody has heard of the younger', { digest: 1 }, { places: [] }, 1, 0],
    ['takes its place, if nobody has heard of the elder', { places: [] }, { digest: 1 }, 1, 0],
    ['keeps its message', {}, { digest: 1 }, undefined, 0],
  ])('%s', (_, elder, younger, digest, own) => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    const [target, source] = [elder, younger].map((more) => {
      const { id } = draft.open(NOW)
      return Object.assign(draft.edit(id), { places: ['#a'], ...more })
    })
    mergeInto(draft, target!, source!)
    expect([draft.get(target!.id).digest, draft.board.digests![1]!.own]).toEqual([digest, own])
  })
})

describe('whom it calls', () => {
  const called = (...calls: { step: number; whom: string[] }[]): unknown => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    for (const call of calls) callFor(draft, draft.get('INC-0016'), { ...call, waited: MINUTE })
    return draft.board.digests![1]!.called
  }

  test.each([
    ['the first', [{ step: 1, whom: ['U1'] }], { number: 1, step: 1, whom: ['U1'] }],
    [
      'the same at the same step',
      [
        { step: 1, whom: ['U1'] },
        { step: 1, whom: ['U1'] },
      ],
      { number: 1 },
    ],
    [
      'the same at an earlier step',
      [
        { step: 2, whom: ['U1'] },
        { step: 1, whom: ['U1'] },
      ],
      { number: 1, step: 2 },
    ],
    [
      'the same at the next step',
      [
        { step: 1, whom: ['U1'] },
        { step: 2, whom: ['U1'] },
      ],
      { number: 2, step: 2 },
    ],
    [
      'somebody else at the same step',
      [
        { step: 1, whom: ['U1'] },
        { step: 1, whom: ['U2'] },
      ],
      { number: 2, whom: ['U2'] },
    ],
  ])('%s', (_, calls, expected) => {
    expect(called(...calls)).toMatchObject(expected)
  })

  test('nobody, for an incident with a message of its own', () => {
    const draft = draftOf(raised(fifteen(), [NOW]), rules, NOW)
    callFor(draft, draft.get('INC-0001'), { step: 1, whom: ['U1'], waited: MINUTE })
    expect(draft.board.digests![1]!.called).toBeUndefined()
  })
})
