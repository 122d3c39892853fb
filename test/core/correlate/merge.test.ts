// Two incidents that become one: what is kept of both, and where their alarms go after it has left.
import { describe, expect, test } from '@jest/globals'
import { correlate } from '../../../lambda/core/correlate/correlate.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { alarm, minutes, play, recovery, rulesFor, T0 } from '../incidents.ts'

/** Two services that are tied only by what calls both. */
const services = { web: { dependsOn: ['cart', 'stock'] }, cart: {}, stock: {} }

describe('an alarm of an incident that was merged', () => {
  test('opens one of its own when both halves are over, and the other has left the board', () => {
    const rules = rulesFor(services)
    const both = ['cart', 'stock']
    const { board, alarms } = play(rules, [
      ...both.map((service, i) => alarm(service, i)),
      ...both.map((service) => recovery(service, 5)),
      recovery('web', 11),
      alarm('web', 4),
    ])
    expect(Object.values(board.incidents).map(({ status }) => status)).toEqual(['resolved', 'merged'])
    const { 'INC-0002': merged } = board.incidents
    const late = alarm('stock', 8)
    const draft = draftOf({ ...board, incidents: { 'INC-0002': merged! } }, rules, T0 + minutes(90))
    expect(correlate(draft, alarms, [late])).toEqual([{ incident: 'INC-0003' }])
    expect(draft.board.incidents['INC-0003']!.status).toBe('open')
  })
})

describe('two that are both held back', () => {
  test('are told when the first of them would have been', () => {
    const rules = rulesFor(services, { correlation: { holdSeconds: 120 } })
    const muted = { quietUntil: T0 + minutes(60) }
    const { only } = play(rules, [alarm('cart', 0, muted), alarm('stock', 1), alarm('web', 1.5, muted)])
    expect(only).toMatchObject({ status: 'held', heldUntil: T0 + minutes(3) })
  })
})
