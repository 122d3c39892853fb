// What falls due in a run, and when.
import { later, minutes, onlyOn, recovery, play, alarm, clicked, T0 } from '../incidents.ts'
import { settle } from '../../../lambda/core/due/due.ts'
import { findRun, firingAnywhere, firingOf, moveRun } from '../../../lambda/core/remediate/runs.ts'
import { ruleOf } from '../../../lambda/core/remediate/propose.ts'
import { whyNotNeeded } from '../../../lambda/core/remediate/withdraw.ts'
import type { Board } from '../../../lambda/core/incident/board.ts'
import type { Run } from '../../../lambda/core/incident/run.ts'
import { after, boardWith, ID, record, restartRules } from './runs.ts'

const rules = restartRules({ remediation: { expirySeconds: 1800 } })
const TITLE = 'Restart one batch after the other'
const settled = (board: Board, at: number) => after(board, rules, T0 + at, settle)

describe('a proposal', () => {
  const proposed = boardWith(rules, { status: 'proposed', proposedAt: T0 + 60_000 })

  test('expires when nobody has approved it', () => {
    expect(settled(proposed, 1_859_999).run.status).toBe('proposed')
    const { run, noted } = settled(proposed, 1_900_000)
    const at = T0 + 1_860_000
    expect(run).toMatchObject({ status: 'expired', why: 'nobody approved it in time', endedAt: at })
    const text = `${TITLE}: the proposal has expired, nobody approved it`
    expect(noted).toEqual([{ at, kind: 'withdrawn', text, run: ID }])
  })

  test('that never said when counts from its creation', () => {
    expect(settled(boardWith(rules, { status: 'proposed' }), 1_800_000).run.status).toBe('expired')
  })
})

describe('an execution that did not begin', () => {
  test.each(['looking', 'approved'] as const)('is ordered again after two minutes: %s', (status) => {
    const board = boardWith(rules, { status, orderedAt: T0 })
    expect(settled(board, 119_999).run).toMatchObject({ attempt: 1, orderedAt: T0 })
    expect(settled(board, 130_000).run).toMatchObject({ status, attempt: 2, orderedAt: T0 + 130_000 })
  })

  test('is given up after five attempts', () => {
    expect(settled(boardWith(rules, { status: 'looking', orderedAt: T0, attempt: 4 }), 120_000).run.attempt).toBe(5)
    const { run, noted } = settled(boardWith(rules, { status: 'looking', orderedAt: T0, attempt: 5 }), 120_000)
    expect(run).toMatchObject({ status: 'withdrawn', why: 'it could not be started' })
    expect(noted.map(({ text }) => text)).toEqual([`${TITLE}: not run, it could not be started`])
  })
})

describe('an execution that did not end', () => {
  const deadline = T0 + 900_000
  test.each(['running', 'verifying'] as const)('is lost, and a person takes over: %s', (status) => {
    const board = boardWith(rules, { status, deadline }, [record(), record({ run: ID })])
    expect(settled(board, 899_999).run.status).toBe(status)
    const { run, noted, draft } = settled(board, 1_000_000)
    const why = 'it did not end in time: nobody knows how far its last step got'
    expect(run).toMatchObject({ status: 'failed', why, endedAt: deadline })
    const text = `${TITLE} is lost: ${why}. Please take over`
    expect(noted).toEqual([{ at: deadline, kind: 'handed over', text, run: ID }])
    expect(draft.board.remediation!.history).toEqual([record(), record({ run: ID, endedAt: deadline, ok: false })])
  })

  test('without a record or a deadline', () => {
    const { draft } = settled(boardWith(rules, { status: 'running', deadline }), 900_000)
    expect(draft.board.remediation?.history ?? []).toEqual([])
    expect(settled(boardWith(rules, { status: 'running' }), minutes(10_000)).run.status).toBe('running')
  })
})

describe('what a run is about', () => {
  const fired = boardWith(rules)
  const incident = onlyOn(fired)

  test('the signals of its service that fire now', () => {
    expect(firingOf(incident, 'api')).toEqual(['latency'])
    expect(firingOf(incident, 'api', ['latency', 'disk'])).toEqual(['latency'])
    expect(firingOf(incident, 'api', ['disk'])).toEqual([])
    expect(firingOf(incident, 'web')).toEqual([])
    expect(firingOf(incident, 'constructor')).toEqual([])
    expect(firingOf(onlyOn(play(rules, [alarm('api', 0), recovery('api', 1)]).board), 'api')).toEqual([])
  })

  test('wherever they are, each once, but in none that is over', () => {
    const more = { ...fired, incidents: { ...fired.incidents, 'INC-0002': { ...incident, id: 'INC-0002' } } }
    expect(firingAnywhere(more, 'api')).toEqual(['latency'])
    expect(firingAnywhere(more, 'api', ['disk'])).toEqual([])
    const over = { ...fired, incidents: { [incident.id]: { ...incident, status: 'resolved' as const } } }
    expect(firingAnywhere(over, 'api')).toEqual([])
  })

  test('its rule: one that names its service before one that names none', () => {
    const both = restartRules({
      runbooks: [
        { runbook: 'rolling-restart', when: { signals: ['disk'] }, mode: 'suggest', with: {} },
        { runbook: 'add-capacity', when: { service: 'api' }, mode: 'suggest', with: { max: 4 } },
        { runbook: 'rolling-restart', when: { service: 'api' }, mode: 'auto', with: {} },
      ],
    })
    const rule = (runbook: string, service: string) => ruleOf({ runbook, service } as Run, both)
    expect(rule('rolling-restart', 'api')?.mode).toBe('auto')
    expect(rule('rolling-restart', 'web')?.when.signals).toEqual(['disk'])
    expect(rule('add-capacity', 'web')).toBeUndefined()
    expect(rule('relieve-memory', 'api')).toBeUndefined()
  })

  test('the signals that its rule names are what it waits for', () => {
    const disk = restartRules({
      runbooks: [
        { runbook: 'rolling-restart', when: { service: 'api', signals: ['disk'] }, mode: 'suggest', with: {} },
      ],
    })
    expect(whyNotNeeded({ incident, run: incident.runs![0]! }, disk)).toBe('the alarms of api have recovered')
    const none = restartRules({ runbooks: [] })
    expect(whyNotNeeded({ incident, run: incident.runs![0]! }, none)).toBeUndefined()
  })

  test('it cannot be moved where the state machine has no way', () => {
    const { result, draft } = after(fired, rules, T0, (draft) => moveRun(draft, findRun(draft.board, ID)!, 'succeed'))
    expect([result, draft.isChanged()]).toEqual([undefined, false])
  })

  test('only the one that is moved changes', () => {
    const [run] = incident.runs!
    const runs = [run!, { ...run!, id: 'INC-0001-2' }]
    const two = { ...fired, incidents: { [incident.id]: { ...incident, runs } } }
    const { incident: now } = after(two, rules, T0, (draft) =>
      moveRun(draft, findRun(draft.board, 'INC-0001-2')!, 'propose'),
    )
    expect(now.runs!.map(({ id, status }) => [id, status])).toEqual([
      [ID, 'looking'],
      ['INC-0001-2', 'proposed'],
    ])
  })
})

describe('a run that is not needed any more', () => {
  const why = (board: Board): string | undefined => {
    const incident = onlyOn(board)
    return whyNotNeeded({ incident, run: incident.runs![0]! }, rules)
  }
  const fired = boardWith(rules)

  test('says why', () => {
    expect(why(fired)).toBeUndefined()
    expect(why(clicked(fired, rules, { at: 1, do: 'resolve', incident: 'INC-0001' }).board!)).toBe(
      'Ana has resolved the incident',
    )
    const recovered = play(rules, [alarm('api', 0), recovery('api', 2)]).board
    expect(why(recovered)).toBe('the alarms of api have recovered at 14:02 UTC')
    expect(why(later(recovered, rules, 20))).toBe('the incident is over')
    const incident = onlyOn(fired)
    const without = { ...fired, incidents: { [incident.id]: { ...incident, services: {} } } }
    expect(why(without)).toBe('api is no longer part of the incident')
  })

  test('names no time where none is known', () => {
    const { quietSince: _, ...incident } = onlyOn(play(rules, [alarm('api', 0), recovery('api', 2)]).board)
    expect(whyNotNeeded({ incident, run: onlyOn(fired).runs![0]! }, rules)).toBe('the alarms of api have recovered')
  })

  test('is told once while it is looked for again and again', () => {
    const round = (board: Board, at: number, runs: Run[]) =>
      after({ ...board, incidents: { 'INC-0001': { ...onlyOn(board), runs } } }, rules, T0 + at, settle)
    const [run] = onlyOn(fired).runs!
    const gone: Run = { ...run!, status: 'looking', orderedAt: T0, attempt: 5 }
    const withdrawn: Run = { ...run!, id: 'INC-0001-0', status: 'withdrawn', endedAt: T0 }
    const told = (...runs: Run[]) => round(fired, 120_000, runs).noted.filter(({ kind }) => kind === 'withdrawn')
    expect(told(gone)).toHaveLength(1)
    expect(told(withdrawn, gone)).toHaveLength(0)
    expect(told({ ...withdrawn, runbook: 'add-capacity' }, gone)).toHaveLength(1)
    expect(told({ ...withdrawn, status: 'expired' }, gone)).toHaveLength(1)
    expect(told(withdrawn, { ...gone, status: 'approved' })).toHaveLength(1)
  })
})
