// Names that every JavaScript object has (such as `constructor`) are names like any other, all the way from an alarm to the message.
import { checkConfig } from '../../lambda/config.ts'
import { replay } from '../../replay/replay.ts'
import { event } from '../support/alarms.ts'
import { causesOf } from '../../lambda/core/correlate/cause.ts'
import { unrelated } from '../../lambda/core/respond/actions/unrelated.ts'
import { render } from '../../lambda/core/notify/slack/message.ts'
import { alarm, clicked, later, play, recovery, rulesFor } from './incidents.ts'

const rules = rulesFor({ api: {} })
const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf']

describe('an alarm whose service is called', () => {
  test.each(NAMES)('%s opens, shows and ends an incident like any other', (name) => {
    const fired = play(rules, [alarm(name, 0, { name, dimensions: {} })])
    const stored = JSON.parse(JSON.stringify(fired.only)) as typeof fired.only
    expect(Object.keys(stored.services)).toEqual([name])

    const causes = causesOf(stored, rules)
    expect(causes.map(({ service }) => service)).toEqual([name])
    expect(render({ incident: stored, causes, alarms: fired.alarms }, rules).text).toContain(stored.id)

    const over = play(rules, [recovery(name, 5, { name, dimensions: {} })], fired)
    expect(later(over.board, rules, 60).incidents[stored.id]!.status).toBe('resolved')
  })

  test.each(NAMES)('%s can be taken out of an incident', (name) => {
    const tied = rulesFor({ api: { dependsOn: ['db'] }, db: {} })
    const { board, only } = play(tied, [alarm('api', 0), alarm('db', 1)])
    const apart = clicked(board, tied, { do: 'unrelated', incident: only.id, choice: 'db' }).board!
    const next = play(tied, [alarm(name, 2, { name, dimensions: {} })], { board: apart, alarms: new Map() }).board
    expect(Object.values(next.incidents).flatMap(({ services }) => Object.keys(services))).toEqual(['api', 'db', name])
  })
})

test('a service whose name cannot be seen still has a name in the dialog and the title', () => {
  const { only } = play(rules, [alarm('x', 0, { name: '\u200b', dimensions: {} })])
  expect(JSON.stringify(unrelated.dialog!.view(only, rules))).not.toContain('"text":""')
})

test('an alarm called __proto__, which no object can hold as a key, is an incident all the same', async () => {
  const { story } = await replay(checkConfig({ slack: { channel: 'x' }, services: {} }), [
    { line: 1, message: event({ name: '__proto__' }) },
  ])
  expect(story.incidents.map(({ alarms }) => alarms.map(({ name }) => name))).toEqual([['__proto__']])
})
