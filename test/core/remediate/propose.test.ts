// How often a runbook is proposed, and how many runs are remembered.
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import { stampOf, type Run } from '../../../lambda/core/incident/run.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { whyNotProposed } from '../../../lambda/core/remediate/propose.ts'
import { historyOf, remember } from '../../../lambda/core/remediate/runs.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import type { ConfigInput } from '../../../lambda/config.ts'
import type { Rules } from '../../../lambda/core/services/rules.ts'
import { alarm, later, minutes, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor(
  { api: { target: { ecs: { cluster: 'shop', service: 'api' } } } },
  { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest', with: {} }] },
)

type RunbookInput = NonNullable<ConfigInput['runbooks']>[number]

const runsOf = (board: Board): Run[] => onlyOn(board).runs ?? []

/** Its newest run was withdrawn at once, as if its look had found nothing to do; then time passes. */
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

describe('what is proposed', () => {
  const ECS = { ecs: { cluster: 'shop', service: 'api' } }
  const RESTART = { runbook: 'rolling-restart', mode: 'auto', approvals: 2, with: {} } as const

  test('is a run that looks first', () => {
    const rules = rulesFor({ api: { target: ECS } }, { runbooks: [{ ...RESTART, when: { service: 'api' } }] })
    expect(runsOf(play(rules, [alarm('api', 0)]).board)).toEqual([
      {
        id: 'INC-0001-1',
        stamp: stampOf(T0),
        runbook: 'rolling-restart',
        title: 'Restart one batch after the other',
        service: 'api',
        mode: 'auto',
        destructive: false,
        status: 'looking',
        needed: 2,
        approvals: [],
        attempt: 1,
        orderedAt: T0,
        steps: [],
        createdAt: T0,
      },
    ])
  })

  test('is nothing while the incident is held', () => {
    const rules = rulesFor(
      { api: { target: ECS } },
      { runbooks: [{ ...RESTART, when: { service: 'api' } }], correlation: { holdSeconds: 60 } },
    )
    const { board } = play(rules, [alarm('api', 0)])
    expect([onlyOn(board).status, runsOf(board)]).toEqual(['held', []])
    expect(runsOf(later(board, rules, 1))).toHaveLength(1)
  })

  const services = {
    api: { dependsOn: ['db'], target: ECS },
    db: { target: { ecs: { cluster: 'shop', service: 'db' } } },
  }
  const proposedFor = (rules: Rules, ...changes: Change[]): string[] =>
    runsOf(play(rules, changes).board).map(({ service, runbook }) => `${runbook} ${service}`)

  test('is for the probable cause where the rule names no service', () => {
    const rules = rulesFor(services, { runbooks: [{ ...RESTART, when: { signals: ['latency'] } }] })
    expect(proposedFor(rules, alarm('db', 0), alarm('api', 1))).toEqual(['rolling-restart db'])
    expect(proposedFor(rules, alarm('db', 0, { metric: 'errors' }))).toEqual([])
    const without = rulesFor({ ...services, db: {} }, { runbooks: [{ ...RESTART, when: { signals: ['latency'] } }] })
    expect(proposedFor(without, alarm('db', 0), alarm('api', 1))).toEqual([])
  })

  test('is for a service only while it fires, and only with what the runbook needs', () => {
    const rules = rulesFor(services, { runbooks: [{ ...RESTART, when: { service: 'db' } }] })
    expect(proposedFor(rules, alarm('api', 0))).toEqual([])
    expect(proposedFor(rules, alarm('api', 0), alarm('db', 1))).toEqual(['rolling-restart db'])
  })

  test('is each runbook for each service, whatever was proposed beside it', () => {
    const when = { service: 'api' }
    const rules = rulesFor(services, {
      runbooks: [
        { ...RESTART, when },
        { ...RESTART, runbook: 'add-capacity', when, with: { max: 8 } },
        { ...RESTART, when: { service: 'db' } },
      ],
    })
    const all = ['rolling-restart api', 'add-capacity api', 'rolling-restart db']
    expect(proposedFor(rules, alarm('api', 0), alarm('db', 1))).toEqual(all)
  })

  test('is nothing where there is too little, or what is not known: an idle machine is not short of CPU', () => {
    const more = {
      ...RESTART,
      runbook: 'add-capacity',
      when: { service: 'api' },
      mode: 'auto' as const,
      with: { max: 8 },
    }
    const rules = rulesFor(services, { runbooks: [more, { ...RESTART, when: { service: 'api' } }] })
    const cpu = { metric: 'CPUUtilization', namespace: 'AWS/ECS', threshold: 63 }
    expect(proposedFor(rules, alarm('api', 0, { ...cpu, side: 'below', value: 11 }))).toEqual([])
    expect(proposedFor(rules, alarm('api', 0, { ...cpu, side: 'above', value: 90 }))).toEqual([
      'add-capacity api',
      'rolling-restart api',
    ])
    expect(proposedFor(rules, alarm('api', 0, { metric: 'signups' }))).toEqual([])
  })

  test('is what the rule names, also for what is not known', () => {
    const rules = rulesFor(services, { runbooks: [{ ...RESTART, when: { service: 'api', signals: ['other'] } }] })
    expect(proposedFor(rules, alarm('api', 0, { metric: 'signups' }))).toEqual(['rolling-restart api'])
  })

  test('is nothing more after a person rejected it, or it did not help', () => {
    const { board } = play(rules, [alarm('api', 0)])
    const incident = onlyOn(board)
    const again = (status: Run['status']): number => {
      const runs = runsOf(board).map((run): Run => ({ ...run, status, endedAt: T0 }))
      return runsOf(later({ ...board, incidents: { [incident.id]: { ...incident, runs } } }, rules, 60)).length
    }
    expect([again('rejected'), again('failed'), again('expired')]).toEqual([1, 1, 1])
    expect([again('succeeded'), again('withdrawn')]).toEqual([2, 2])
  })
})

test('of past runs the newest 200 are remembered', () => {
  const draft = draftOf(emptyBoard(), rules, T0)
  for (let n = 1; n <= 205; n++)
    remember(draft, { run: `INC-${n}-1`, runbook: 'rolling-restart', lock: 'x', mode: 'auto', startedAt: T0 + n })
  const kept = historyOf(draft.board).map(({ run }) => run)
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([200, 'INC-6-1', 'INC-205-1'])
})

describe('why a rule proposed nothing', () => {
  const why = (rule: Partial<RunbookInput>, target: object = {}): string | undefined => {
    const runbook = { runbook: 'rolling-restart', when: {}, mode: 'suggest' as const, ...rule }
    const rules = rulesFor(
      { api: { target }, db: { target: { ecs: { cluster: 'shop', service: 'db' } } } },
      { runbooks: [runbook] },
    )
    return whyNotProposed(onlyOn(play(rules, [alarm('api', 0)]).board), rules.config.runbooks[0]!, rules)
  }

  test.each<[string, string | undefined, string]>([
    ['its service', why({ when: { service: 'db' } }), 'it is for db (when.service), and what fired is of api'],
    [
      'its signals',
      why({ when: { signals: ['disk', 'cpu'] } }, { ecs: { cluster: 'shop', service: 'api' } }),
      'it answers alarms about disk and cpu, and those of api are about latency',
    ],
    [
      'its target',
      why({}),
      'it needs target.ecs or target.autoScaling or target.ec2, and api, the probable cause, has none',
    ],
  ])('%s', (_, said, wanted) => expect(said).toBe(wanted))

  test('nothing, where it did', () => expect(why({}, { ecs: { cluster: 'shop', service: 'api' } })).toBeUndefined())
})
