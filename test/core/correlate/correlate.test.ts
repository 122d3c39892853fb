// Where an alarm ends up that the graph does not decide: the board is full, nobody has heard of the incident yet, somebody snoozed it.
import { alarm, clicked, later, minutes, onlyOn, play, playAtOnce, rulesFor, T0 } from '../incidents.ts'

const stranger = (n: number, at = 0) => alarm(`host-${n}`, at, { name: `disk of host ${n}`, dimensions: {} })

describe('a board that is full', () => {
  const rules = rulesFor({ shop: {} })
  const full = Array.from({ length: 200 }, (_, n) => stranger(n))

  test('lets alarms of services that the config does not know share one incident', () => {
    const { board } = playAtOnce(rules, [...full, stranger(200), stranger(201)])
    const incidents = Object.values(board.incidents)
    expect(incidents).toHaveLength(201)
    expect(Object.keys(incidents.at(-1)!.services)).toEqual(['other alarms'])
    expect(incidents.at(-1)!.firing).toBe(2)
  })

  test('still gives a service of the config an incident of its own', () => {
    const { board } = playAtOnce(rules, [...full, stranger(200), alarm('shop', 0)])
    expect(Object.values(board.incidents).map(({ services }) => Object.keys(services)[0])).toContain('shop')
  })

  test('below that, strangers are apart', () => {
    expect(Object.keys(playAtOnce(rules, full).board.incidents)).toHaveLength(200)
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
