// Where an alarm ends up that the graph does not decide: the index is full, nobody has heard of the incident yet, somebody snoozed it.
import { correlate } from '../../../lambda/core/correlate/correlate.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { emptyBoard } from '../../../lambda/core/incident/board.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { alarm, clicked, later, minutes, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const stranger = (n: number, at = 0) => alarm(`host-${n}`, at, { name: `disk of host ${n}`, dimensions: {} })

describe('an index that is full', () => {
  const rules = rulesFor({ shop: {} })
  const taken = (size: number, ...changes: Change[]) => {
    const draft = draftOf({ ...emptyBoard(), size }, rules, T0)
    correlate(draft, new Map(), changes)
    return Object.values(draft.board.incidents)
  }

  test('lets alarms of services that the config does not know share one incident', () => {
    const [incident, ...others] = taken(240_000, stranger(1), stranger(2))
    expect([Object.keys(incident!.services), incident!.firing, others]).toEqual([['other alarms'], 2, []])
  })

  test('still gives a service of the config an incident of its own', () => {
    const services = taken(239_999, stranger(1), alarm('shop', 0)).map((incident) => Object.keys(incident.services))
    expect(services).toEqual([['other alarms'], ['shop']])
  })

  test('until it could not hold those either', () => {
    const services = taken(240_000, stranger(1), alarm('shop', 0)).map((incident) => Object.keys(incident.services))
    expect(services).toEqual([['other alarms']])
  })

  test('below that, strangers are apart', () => {
    expect(taken(214_999, stranger(1), stranger(2))).toHaveLength(2)
  })
})

describe('an incident that is held', () => {
  const holding = { correlation: { holdSeconds: 300 } }

  test('is raised at once when it grows worse', () => {
    const rules = rulesFor({ web: { kind: 'load-balancer', dependsOn: ['api'] }, api: {} }, holding)
    const calm = play(rules, [alarm('api', 0, { metric: 'QueueDepth' })])
    expect([calm.only.status, calm.only.severity]).toEqual(['held', 'minor'])
    const worse = play(rules, [alarm('web', 1, { metric: 'latency' })], calm)
    expect([worse.only.status, worse.only.severity]).toEqual(['open', 'critical'])
    expect(worse.only.heldUntil).toBeUndefined()
  })

  test('stays held when it only grows', () => {
    const rules = rulesFor({ api: {} }, holding)
    const more = play(rules, [alarm('api', 0, { metric: 'QueueDepth' }), alarm('api', 1, { metric: 'CPUUtilization' })])
    expect(more.only.status).toBe('held')
  })

  test('stays held while CloudWatch mutes its alarm, however bad it is', () => {
    const rules = rulesFor({ web: { kind: 'load-balancer', dependsOn: ['api'] }, api: {} })
    const quietUntil = T0 + minutes(60)
    const muted = play(rules, [alarm('api', 0, { quietUntil }), alarm('web', 1, { quietUntil })])
    expect([muted.only.status, muted.only.severity]).toEqual(['held', 'critical'])
  })
})

describe('an incident that somebody snoozed', () => {
  const rules = rulesFor({ web: { dependsOn: ['api'] }, api: {} })
  const snoozed = () => {
    const { board, alarms } = play(rules, [alarm('api', 0)])
    const ask = { do: 'snooze' as const, incident: onlyOn(board).id, choice: '1h' }
    return { board: clicked(board, rules, { at: 1, ...ask }).board!, alarms }
  }

  test('is awake when a new service joins', () => {
    const { only } = play(rules, [alarm('web', 5)], snoozed())
    expect([only.status, only.snoozed]).toEqual(['open', undefined])
    const woke = only.timeline.find(({ kind }) => kind === 'woke')
    expect(woke).toMatchObject({ text: 'The snooze ended early: web is new', service: 'web' })
  })

  test('sleeps on when a service fires that it knows', () => {
    const { only, board } = play(rules, [alarm('api', 5, { metric: 'Errors' })], snoozed())
    expect(only.status).toBe('snoozed')
    expect(onlyOn(later(board, rules, 61)).status).toBe('open')
  })
})
