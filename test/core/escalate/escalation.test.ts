// Who is mentioned while nobody acknowledges.
import { peopleFor } from '../../../lambda/core/escalate/escalation.ts'
import type { ConfigInput } from '../../../lambda/config.ts'
import { alarm, clicked, later, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const STEPS = [
  { afterSeconds: 300, notify: ['U0FIRST'] },
  { afterSeconds: 900, notify: ['U0ANA', 'S0TEAM'] },
]
const SLACK = { channel: 'C0123456', approvers: ['U0BOSS'] }
const rulesWith = (rest: Partial<ConfigInput>) => rulesFor({ api: {} }, { slack: SLACK, ...rest })
const rules = rulesWith({ escalation: STEPS })
const { board } = play(rules, [alarm('api', 0)])

describe('whoever should take over', () => {
  const called = (minutes: number) => peopleFor(onlyOn(later(board, rules, minutes)), rules.config)

  test.each<[number, string[]]>([
    [0, ['U0FIRST']],
    [5, ['U0FIRST']],
    [15, ['U0ANA', 'S0TEAM']],
  ])('after %i minutes', (minutes, people) => {
    expect(called(minutes)).toEqual(people)
  })

  test('is first of all the person who is on it, named once', () => {
    const acknowledged = clicked(later(board, rules, 15), rules, { at: 16, do: 'acknowledge', incident: 'INC-0001' })
    expect(peopleFor(onlyOn(acknowledged.board!), rules.config)).toEqual(['U0ANA', 'S0TEAM'])
    const early = clicked(board, rules, { at: 1, do: 'acknowledge', incident: 'INC-0001' })
    expect(peopleFor(onlyOn(early.board!), rules.config)).toEqual(['U0ANA', 'U0FIRST'])
  })

  test('are the approvers where there is no escalation', () => {
    expect(peopleFor(onlyOn(board), rulesWith({}).config)).toEqual(['U0BOSS'])
  })
})

test('a step tells how long nobody was there, at its own time', () => {
  expect(onlyOn(later(board, rules, 20)).timeline.slice(1)).toEqual([
    { at: T0 + 300_000, kind: 'escalated', text: 'Nobody has acknowledged it for 5 min: telling @U0FIRST' },
    { at: T0 + 900_000, kind: 'escalated', text: 'Nobody has acknowledged it for 15 min: telling @U0ANA and @S0TEAM' },
  ])
})
