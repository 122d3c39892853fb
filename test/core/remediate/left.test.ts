// What a run has left to do, on the board: one of it at a time, with the lock on its target, and found again if an execution is lost.
import { doingEnded, doingIs, leftIs, orderDoing, watchBegins, leave } from '../../../lambda/core/remediate/left.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { whyBarred } from '../../../lambda/core/remediate/bounds.ts'
import { historyOf } from '../../../lambda/core/remediate/runs.ts'
import type { Run } from '../../../lambda/core/incident/run.ts'
import { ANA, BEN, T0 } from '../incidents.ts'
import { after, boardWith, ID, LOCK, record, restartRules } from './runs.ts'

const rules = restartRules()
const ITEMS = [
  { id: 'limit', text: 'take the limit off', offer: { label: 'Take it off', question: 'It goes.' } },
  { id: 'consumer', text: 'bring a consumer back' },
]
const ENDED: Partial<Run> = { status: 'succeeded', lock: LOCK, endedAt: T0 + 1000 }

function left(history = [record({ run: ID, endedAt: T0 })]) {
  const run = { ...ENDED } as Run
  leave(run, { items: ITEMS }, { queue: 'jobs' }, T0 + 1000)
  return boardWith(rules, { ...ENDED, left: run.left! }, history)
}

const order = (board: ReturnType<typeof left>, now = T0 + 5000, id = 'limit', by = ANA) =>
  after(board, rules, now, (draft) => {
    const incident = Object.values(draft.board.incidents)[0]!
    return orderDoing(draft, { incident, run: incident.runs![0]! }, { id, by, withinSeconds: 600 })
  })

test('a run that leaves nothing has no list', () => {
  const run = {} as Run
  leave(run, { items: [] }, {}, T0)
  expect(run.left).toBeUndefined()
})

test('one is done at a time, by whoever was first, and only what is on the list', () => {
  const once = order(left())
  expect(once.result).toBeUndefined()
  expect(once.run.left).toMatchObject({ attempt: 2, doing: { id: 'limit', by: ANA, until: T0 + 605_000 } })
  expect(order(once.draft.board, T0 + 6000, 'limit', BEN).result).toContain(`since ${ANA.name}`)
  expect(order(left(), T0 + 5000, 'else').result).toBe('That is done already.')
})

test('it holds the lock on its target while it is done, and leaves no trace in the caps', () => {
  const busy = left([record({ run: 'INC-0009-1' })])
  expect(order(busy).result).toBe('Not now: rolling-restart (INC-0009-1) is already working on the same target.')
  const { draft } = order(left())
  const other = { id: 'INC-0002-1' } as Run
  expect(whyBarred(draft, other, LOCK)).toContain('is already working on the same target')
  const ended = after(draft.board, rules, T0 + 9000, (next) => doingEnded(next, ID, 2, { text: 'it is off' }))
  expect(historyOf(ended.draft.board).map(({ run }) => run)).toEqual([ID])
  expect(ended.noted.map(({ text }) => text)).toEqual(['Take it off: it is off'])
  expect(ended.run.left).toMatchObject({ attempt: 3 })
  expect(ended.run.left!.doing).toBeUndefined()
})

test('an execution that is lost frees the target, and says that nobody knows', () => {
  const { draft } = order(left())
  const later = after(draft.board, rules, T0 + 606_000, settle)
  expect(later.run.left).toMatchObject({
    failed: { id: 'limit', why: 'it did not end in time, and nobody knows how far it got' },
  })
  expect(later.run.left!.doing).toBeUndefined()
  expect(historyOf(later.draft.board).map(({ run }) => run)).toEqual([ID])
})

test('one that was never begun is ordered anew, one that watches after a day', () => {
  const never = after(left(), rules, T0 + 1000 + 121_000, settle)
  expect(never.run.left).toMatchObject({ attempt: 2 })
  const begun = after(left(), rules, T0 + 2000, (draft) => watchBegins(draft, ID, 1))
  expect(begun.result).toBe(true)
  expect(after(begun.draft.board, rules, T0 + 1000 + 121_000, settle).run.left).toMatchObject({ attempt: 1 })
  expect(after(begun.draft.board, rules, T0 + 1000 + 86_401_000, settle).run.left).toMatchObject({ attempt: 2 })
})

test('an execution that is not wanted any more changes nothing', () => {
  const { draft } = order(left())
  for (const late of [
    (next: typeof draft) => watchBegins(next, ID, 1),
    (next: typeof draft) => leftIs(next, ID, 1, { items: [], withinSeconds: 0 }),
    (next: typeof draft) => doingIs(next, ID, 1, 'half'),
    (next: typeof draft) => doingEnded(next, ID, 1, { text: 'done' }),
  ])
    expect(after(draft.board, rules, T0 + 7000, late).run.left).toEqual(order(left()).run.left)
})

test('what is not left any more is said; what could not end by itself is not tried again and again', () => {
  const watched = after(left(), rules, T0 + 2000, (draft) => watchBegins(draft, ID, 1))
  const fewer = after(watched.draft.board, rules, T0 + 3000, (draft) =>
    leftIs(draft, ID, 1, { items: [ITEMS[0]!], withinSeconds: 60, ends: 'limit' }),
  )
  expect(fewer.noted.map(({ text }) => text)).toEqual(['No longer left to do: bring a consumer back'])
  expect(fewer.run.left!.doing).toMatchObject({ id: 'limit' })
  expect(fewer.run.left!.doing!.by).toBeUndefined()
  const failed = after(fewer.draft.board, rules, T0 + 4000, (draft) => doingEnded(draft, ID, 2, { failed: 'denied' }))
  const again = after(failed.draft.board, rules, T0 + 5000, (draft) =>
    leftIs(draft, ID, 3, { items: [ITEMS[0]!], withinSeconds: 60, ends: 'limit' }),
  )
  expect(again.run.left!.doing).toBeUndefined()
  const over = after(again.draft.board, rules, T0 + 6000, (draft) =>
    leftIs(draft, ID, 3, { items: [], withinSeconds: 0 }),
  )
  expect(over.run.left).toBeUndefined()
})
