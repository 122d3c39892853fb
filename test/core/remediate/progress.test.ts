// A run from its look to its end: what each stage of it leaves on the board, and what people read about it.
import { acted, begin, finish, seen, stepIs, whyHalt, type Seen } from '../../../lambda/core/remediate/progress.ts'
import type { Board } from '../../../lambda/core/incident/board.ts'
import type { Run, RunRecord, RunStep } from '../../../lambda/core/incident/run.ts'
import { ANA, minutes, onlyOn, T0 } from '../incidents.ts'
import { after, boardWith, ID, LOCK, record, restartRules } from './runs.ts'

const rules = restartRules()
const automatic = restartRules({ mode: 'auto' })
const NOW = T0 + minutes(3)
const LOOK: Seen = {
  found: '3 of 3 tasks run',
  steps: [{ name: 'Restart', touches: '3 tasks', calls: ['ecs:UpdateService shop/api'] }],
  lock: LOCK,
  scope: { words: 'the tasks of shop/api', on: { service: 'shop/api', revision: 'api:7' }, bounds: { tasks: 3 } },
}
const PLAN: Run['plan'] = { at: T0, found: LOOK.found, steps: LOOK.steps, scope: LOOK.scope }
const TITLE = 'Restart one batch after the other'

/** Nothing fires anymore. */
function quiet(board: Board): Board {
  const incident = onlyOn(board)
  const { latency } = incident.services['api']!
  const services = { api: { latency: { ...latency!, firing: 0 } } }
  return { ...board, incidents: { [incident.id]: { ...incident, services, quietSince: NOW } } }
}

describe('a look that has ended', () => {
  const looked = (board: Board, look = LOOK, attempt = 1, by = rules) =>
    after(board, by, NOW, (draft) => seen(draft, ID, attempt, look))

  test('is proposed, with what it saw and would do', () => {
    const { run, noted } = looked(boardWith(rules))
    expect(run).toMatchObject({
      status: 'proposed',
      lock: LOCK,
      proposedAt: NOW,
      plan: { at: NOW, found: LOOK.found, steps: LOOK.steps },
    })
    expect(run.why).toBeUndefined()
    expect(noted).toEqual([{ at: NOW, kind: 'proposed', text: `${TITLE} is proposed: 3 of 3 tasks run`, run: ID }])
  })

  test('goes on by itself where that is allowed', () => {
    const { run, noted } = looked(boardWith(automatic), LOOK, 1, automatic)
    expect(run).toMatchObject({ status: 'approved', approvedAt: NOW, orderedAt: NOW, lock: LOCK })
    expect(run.proposedAt).toBeUndefined()
    expect(noted).toEqual([{ at: NOW, kind: 'proposed', text: `${TITLE} runs by itself: 3 of 3 tasks run`, run: ID }])
  })

  test('asks first where too much has run by itself', () => {
    const busy = restartRules({ mode: 'auto', remediation: { autoPerHour: 1 } })
    const history = [record({ mode: 'auto', lock: 'another', endedAt: T0 })]
    const { run } = looked(boardWith(busy, {}, history), LOOK, 1, busy)
    expect(run).toMatchObject({ status: 'proposed', why: 'it asks first: 1 automatic run within an hour already' })
  })

  test('asks for nothing more where a person is asked anyway', () => {
    const { run } = looked(boardWith(rules, {}, [record()]))
    expect(run).toMatchObject({ status: 'proposed' })
    expect(run.why).toBeUndefined()
  })

  test.each<[string, Board, Seen, string]>([
    [
      'nothing can be done',
      boardWith(rules),
      { ...LOOK, stop: 'a deployment is under way' },
      'a deployment is under way',
    ],
    ['its alarms have recovered', quiet(boardWith(rules)), LOOK, 'the alarms of api have recovered at 14:03 UTC'],
  ])('is withdrawn where %s', (_, board, look, why) => {
    const { run, noted } = looked(board, look)
    expect(run).toMatchObject({ status: 'withdrawn', why, endedAt: NOW })
    expect(run.plan).toBeUndefined()
    expect(noted).toEqual([{ at: NOW, kind: 'withdrawn', text: `${TITLE}: not run, ${why}`, run: ID }])
  })

  test.each<[string, Partial<Run>, number]>([
    ['of an attempt that is over', { attempt: 2 }, 1],
    ['of one that was proposed already', { status: 'proposed' }, 1],
    ['of one that runs', { status: 'running' }, 1],
  ])('%s changes nothing', (_, changes, attempt) => {
    const board = boardWith(rules, changes)
    const { draft, noted } = looked(board, LOOK, attempt)
    expect([draft.isChanged(), noted]).toEqual([false, []])
  })

  test('of a run that nobody knows changes nothing', () => {
    const { draft } = after(boardWith(rules), rules, NOW, (draft) => seen(draft, 'INC-0009-9', 1, LOOK))
    expect(draft.isChanged()).toBe(false)
  })

  test('takes no more room on the board than it may', () => {
    const long = 'x'.repeat(600)
    const steps = [{ name: long, touches: long, calls: Array.from({ length: 30 }, () => long) }]
    const { run } = looked(boardWith(rules), { ...LOOK, found: long, steps })
    const [step] = run.plan!.steps
    expect([run.plan!.found.length, step!.name.length, step!.touches.length]).toEqual([500, 500, 500])
    expect([step!.calls.length, step!.calls[0]!.length]).toEqual([20, 500])
  })
})

describe('an execution that begins', () => {
  const began = (board: Board, look = LOOK, attempt = 1) =>
    after(board, rules, NOW, (draft) => begin(draft, ID, { attempt, look, mostSeconds: 900 }))
  const approved = (changes: Partial<Run> = {}, history?: RunRecord[]): Board =>
    boardWith(rules, { status: 'approved', plan: PLAN, ...changes }, history)

  test('takes the lock', () => {
    const { result, run, draft } = began(approved())
    expect(result).toBe(true)
    expect(run).toMatchObject({ status: 'running', owner: 1, startedAt: NOW, lock: LOCK, deadline: NOW + 900_000 })
    expect(draft.board.remediation!.history).toEqual([
      { run: ID, runbook: 'rolling-restart', lock: LOCK, mode: 'suggest', startedAt: NOW },
    ])
  })

  test.each<[string, Board, number, boolean]>([
    ['again: it has the lock', approved({ status: 'running', owner: 1 }), 1, true],
    ['again, while it is checked whether it helped', approved({ status: 'verifying', owner: 1 }), 1, true],
    ['while another has the lock', approved({ status: 'running', owner: 2 }), 1, false],
    ['of an attempt that is over', approved({ attempt: 2 }), 1, false],
    ['without an approval', approved({ status: 'proposed' }), 1, false],
    ['after its end', approved({ status: 'failed' }), 1, false],
  ])('%s', (_, board, attempt, may) => {
    const { result, draft } = began(board, LOOK, attempt)
    expect([result, draft.isChanged()]).toEqual([may, false])
  })

  test('of a run that nobody knows may not', () => {
    const look = { attempt: 1, look: LOOK, mostSeconds: 900 }
    expect(after(approved(), rules, NOW, (draft) => begin(draft, 'INC-0009-9', look)).result).toBe(false)
  })

  const other = (on: Record<string, string>): Seen => ({ ...LOOK, found: 'all is new', scope: { ...LOOK.scope, on } })

  test.each<[string, Seen, Partial<Run>, string]>([
    [
      'is about another thing',
      other({ service: 'shop/api', revision: 'api:8' }),
      {},
      'revision: api:7 when it was approved, api:8 now',
    ],
    [
      'finds a thing that was not there',
      other({ ...LOOK.scope.on, consumers: 'some' }),
      {},
      'consumers: none when it was approved, some now',
    ],
    [
      'has to take more',
      { ...LOOK, needs: { tasks: 4 } },
      {},
      'up to 3 tasks were approved, but at least 4 must go now',
    ],
    [
      'has to take what nobody approved',
      { ...LOOK, needs: { machines: 1 } },
      {},
      'no machines were approved, but at least 1 must go now',
    ],
    ['finds that what was approved is over', { ...LOOK, again: 'the task is gone' }, {}, 'the task is gone'],
    [
      'was proposed before scopes were noted',
      LOOK,
      { plan: { at: T0, found: '', steps: [] } },
      'it was proposed by an earlier version, which did not note what exactly it was about',
    ],
  ])('asks again where it %s', (_, look, changes, why) => {
    const { result, run, noted } = began(approved({ approvals: [{ by: ANA, at: T0 }], ...changes }), look)
    expect(result).toBe(false)
    expect(run).toMatchObject({ status: 'proposed', approvals: [], proposedAt: NOW, why: `it asks again: ${why}` })
    expect(run.plan).toMatchObject({ at: NOW, found: look.found, scope: look.scope })
    expect(noted).toEqual([
      { at: NOW, kind: 'proposed', text: `${TITLE} asks again: ${why}. Now ${look.found}`, run: ID },
    ])
  })

  test('asks nobody again where it takes less, or what it takes has grown within its bound', () => {
    expect(began(approved(), { ...LOOK, needs: { tasks: 3 } }).result).toBe(true)
    expect(began(approved(), { ...LOOK, needs: { tasks: 0 } }).result).toBe(true)
  })

  test('finds that it is not needed', () => {
    const { result, run } = began(quiet(approved()))
    expect([result, run.status]).toEqual([false, 'withdrawn'])
  })

  test('finds that nothing can be done any more', () => {
    const { result, run } = began(approved(), { ...LOOK, stop: 'a deployment is under way' })
    expect([result, run.status, run.why]).toEqual([false, 'withdrawn', 'a deployment is under way'])
  })

  test('finds its target taken: people are asked again', () => {
    const approvals = [{ by: ANA, at: T0 }]
    const { result, run, noted } = began(approved({ approvals }, [record()]))
    const why = 'rolling-restart (INC-0000-1) is already working on the same target'
    expect(result).toBe(false)
    expect(run).toMatchObject({ status: 'proposed', approvals: [], proposedAt: NOW, why })
    expect(noted).toEqual([{ at: NOW, kind: 'proposed', text: `${TITLE} waits for a person: ${why}`, run: ID }])
  })
})

describe('before each act', () => {
  const halt = (board: Board, attempt = 1, id = ID, by = rules) => whyHalt(board, id, attempt, by.config)
  const running = boardWith(rules, { status: 'running', owner: 1 })
  const OVER = 'it is not under way any more'

  test('nothing holds it while all is as it was', () => {
    expect(halt(running)).toBeUndefined()
    expect(halt(boardWith(rules, { status: 'verifying', owner: 1 }))).toBeUndefined()
  })

  test('it is held when the run is no longer its own', () => {
    expect(halt(running, 2)).toBe(OVER)
    expect(halt(running, 1, 'INC-0009-9')).toBe(OVER)
    expect(halt(boardWith(rules, { status: 'failed', owner: 1 }))).toBe(OVER)
  })

  test('it is held when everything was stopped', () => {
    expect(halt({ ...running, remediation: { history: [], stopped: { by: ANA, at: T0 } } })).toBe(
      'Ana stopped all runbooks',
    )
    const off = restartRules({ remediation: { stopped: true } })
    expect(halt(running, 1, ID, off)).toBe('runbooks are switched off in the config')
  })
})

describe('a step', () => {
  const step = (changes: Partial<RunStep> = {}): RunStep => ({ name: 'Restart', status: 'running', at: T0, ...changes })
  const running = (steps: RunStep[] = []): Board => boardWith(rules, { status: 'running', owner: 1, steps })
  const is = (board: Board, next: RunStep, place = 0) =>
    after(board, rules, NOW, (draft) => stepIs(draft, ID, place, next))

  test('begins, and is not told', () => {
    const { run, noted } = is(running(), step({ text: '1 of 3' }))
    expect([run.steps, noted]).toEqual([[step({ text: '1 of 3' })], []])
  })

  test('goes on: its beginning and its name stay', () => {
    const { run } = is(running([step({ text: '1 of 3' })]), step({ name: 'Another', at: NOW, text: '2 of 3' }))
    expect(run.steps).toEqual([step({ text: '2 of 3' })])
  })

  test('that stays as it is changes nothing', () => {
    expect(is(running([step({ text: '1 of 3' })]), step({ text: '1 of 3' })).draft.isChanged()).toBe(false)
    expect(is(running([step()]), step()).draft.isChanged()).toBe(false)
  })

  test.each<[RunStep, string]>([
    [step({ status: 'done', endedAt: T0 + minutes(2), text: '3 restarted' }), 'Restart, done in 2 min: 3 restarted'],
    [step({ status: 'done', endedAt: T0 + minutes(2) }), 'Restart, done in 2 min'],
    [step({ status: 'failed', endedAt: T0 + 5000, text: 'no capacity' }), 'Restart, failed in 5 s: no capacity'],
    [step({ status: 'undone', endedAt: T0 + 5000 }), 'Restart, taken back in 5 s'],
  ])('that has ended is told: %j', (next, text) => {
    const { run, noted } = is(running([step()]), next)
    expect(run.steps).toEqual([next])
    expect(noted).toEqual([{ at: next.endedAt, kind: 'acted', text: `${TITLE}: ${text}`, run: ID }])
  })

  test('keeps its place among the others', () => {
    const steps = [step({ name: 'One' }), step({ name: 'Two' }), step({ name: 'Three' })]
    const { run } = is(running(steps), step({ name: 'Two', text: 'half' }), 1)
    expect(run.steps.map(({ name, text }) => [name, text])).toEqual([
      ['One', undefined],
      ['Two', 'half'],
      ['Three', undefined],
    ])
  })

  test('tells no more than the board has room for', () => {
    expect(is(running(), step({ text: 'x'.repeat(600) })).run.steps[0]!.text).toHaveLength(500)
  })

  test('of a run that is not under way changes nothing', () => {
    const board = boardWith(rules, { status: 'failed' })
    expect(is(board, step()).draft.isChanged()).toBe(false)
    expect(after(board, rules, NOW, (draft) => stepIs(draft, 'INC-0009-9', 0, step())).draft.isChanged()).toBe(false)
  })
})

describe('the end', () => {
  const STEPS: RunStep[] = [
    { name: 'Restart', status: 'done', at: T0 },
    { name: 'Wait', status: 'failed', at: T0 },
  ]
  const ended = (changes: Partial<Run>, ok: boolean, history = [record({ run: ID, startedAt: T0 })], by = rules) =>
    after(boardWith(by, { lock: LOCK, startedAt: T0, ...changes }, history), by, NOW, (draft) =>
      finish(draft, ID, { ok, text: 'latency is 6.1 s' }),
    )

  test('of its acts: it is checked now whether it helped', () => {
    const { run } = after(boardWith(rules, { status: 'running' }), rules, NOW, (draft) => acted(draft, ID))
    expect(run).toMatchObject({ status: 'verifying', actedAt: NOW })
    const over = after(boardWith(rules, { status: 'failed' }), rules, NOW, (draft) => acted(draft, ID))
    expect(over.draft.isChanged()).toBe(false)
  })

  test('it helped', () => {
    const { run, noted, draft } = ended({ status: 'verifying', actedAt: T0 }, true)
    expect(run).toMatchObject({ status: 'succeeded', endedAt: NOW, why: 'latency is 6.1 s' })
    expect(noted).toEqual([
      { at: NOW, kind: 'verified', text: `${TITLE} helped, 3 min after it began: latency is 6.1 s`, run: ID },
    ])
    expect(draft.board.remediation!.history).toEqual([record({ run: ID, startedAt: T0, endedAt: NOW, ok: true })])
  })

  test.each<[string, Partial<Run>, string]>([
    [
      'it did not help',
      { status: 'verifying', actedAt: T0, steps: STEPS },
      'did not help: latency is 6.1 s. Tried: Restart (done); Wait (failed)',
    ],
    ['it could not finish', { status: 'running', steps: [] }, 'could not finish: latency is 6.1 s. Tried: nothing'],
  ])('%s: a person takes over', (_, changes, text) => {
    const { run, noted, draft } = ended(changes, false)
    expect(run).toMatchObject({ status: 'failed', endedAt: NOW })
    expect(noted).toEqual([{ at: NOW, kind: 'handed over', text: `${TITLE} ${text}. Please take over`, run: ID }])
    expect(draft.board.remediation!.history).toEqual([record({ run: ID, startedAt: T0, endedAt: NOW, ok: false })])
  })

  test('of one that is not under way, or that nobody knows, changes nothing', () => {
    expect(ended({ status: 'succeeded' }, true).draft.isChanged()).toBe(false)
    const unknown = after(boardWith(rules), rules, NOW, (draft) => finish(draft, 'INC-0009-9', { ok: true, text: '' }))
    expect(unknown.draft.isChanged()).toBe(false)
  })

  test('makes no record where there was none', () => {
    expect(ended({ status: 'verifying' }, true, []).draft.board.remediation?.history ?? []).toEqual([])
  })

  describe('of a fix that works again and again', () => {
    const often = restartRules({ remediation: { recurrence: { times: 3, days: 2 } } })
    const DAYS = 2 * 86_400_000
    const worked = (n: number, changes: Partial<RunRecord> = {}): RunRecord =>
      record({ run: `INC-${n}-1`, ok: true, startedAt: NOW - 60_000 - n, endedAt: NOW - 50_000, ...changes })
    const noted = (...before: RunRecord[]): string[] =>
      ended({ status: 'verifying' }, true, [...before, record({ run: ID, startedAt: T0 })], often)
        .noted.filter(({ kind }) => kind === 'recurring')
        .map(({ text }) => text)

    test('a person is told once it has worked so often', () => {
      expect(noted(worked(1), worked(2))).toEqual([
        `${TITLE} worked 3 times within 2 days: somebody should fix the root cause`,
      ])
      expect(noted(worked(1))).toEqual([])
    })

    test.each<[string, Partial<RunRecord>]>([
      ['on another target', { lock: 'another' }],
      ['by another runbook', { runbook: 'add-capacity' }],
      ['that did not work', { ok: false }],
      ['that has not ended', { ok: undefined as never }],
      ['too long ago', { startedAt: NOW - DAYS }],
    ])('none counts %s', (_, changes) => {
      expect(noted(worked(1), worked(2, changes))).toEqual([])
    })

    test('one counts to the last moment', () => {
      expect(noted(worked(1), worked(2, { startedAt: NOW - DAYS + 1 }))).toHaveLength(1)
    })
  })
})
