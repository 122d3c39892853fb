// How often a runbook is proposed, and how many runs are remembered.
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import type { Run } from '../../../lambda/core/incident/run.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { historyOf, remember } from '../../../lambda/core/remediate/runs.ts'
import { alarm, minutes, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor(
  { api: { target: { ecs: { cluster: 'shop', service: 'api' } } } },
  { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest', with: {} }] },
)

const runsOf = (board: Board): Run[] => onlyOn(board).runs ?? []

/** Its newest run was withdrawn at once, as one whose look found nothing to do; then time passes. */
function withdrawnAndLater(board: Board, at: number): Board {
  const incident = onlyOn(board)
  const runs = runsOf(board).map((run): Run => ({
    ...run,
    status: 'withdrawn',
    endedAt: run.endedAt ?? T0 + minutes(at),
  }))
  const draft = draftOf({ ...board, incidents: { [incident.id]: { ...incident, runs } } }, rules, T0 + minutes(at + 5))
  settle(draft)
  return draft.board
}

test('a runbook that needs nothing of its target is proposed for a service without one', () => {
  const needsNothing = rulesFor(
    { api: {} },
    {
      runbooks: [{ runbook: 'invoke-function', when: { service: 'api' }, mode: 'suggest', with: { function: 'mend' } }],
    },
  )
  expect(runsOf(play(needsNothing, [alarm('api', 0)]).board)).toHaveLength(1)
})

describe('a runbook that was not needed', () => {
  test('is proposed again while the alarm fires, five times in all', () => {
    let { board } = play(rules, [alarm('api', 0)])
    const counts = [runsOf(board).length]
    for (let round = 0; round < 8; round++) {
      board = withdrawnAndLater(board, round * 10)
      counts.push(runsOf(board).length)
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 5, 5, 5, 5])
  })

  test('is not proposed again before five minutes have passed', () => {
    const { board } = play(rules, [alarm('api', 0)])
    const incident = onlyOn(board)
    const runs = runsOf(board).map((run): Run => ({ ...run, status: 'withdrawn', endedAt: T0 }))
    const draft = draftOf({ ...board, incidents: { [incident.id]: { ...incident, runs } } }, rules, T0 + minutes(4.9))
    settle(draft)
    expect(runsOf(draft.board)).toHaveLength(1)
  })
})

test('of past runs the newest 200 are remembered', () => {
  const draft = draftOf(emptyBoard(), rules, T0)
  for (let n = 1; n <= 205; n++)
    remember(draft, { run: `INC-${n}-1`, runbook: 'rolling-restart', lock: 'x', mode: 'auto', startedAt: T0 + n })
  const kept = historyOf(draft.board).map(({ run }) => run)
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([200, 'INC-6-1', 'INC-205-1'])
})
