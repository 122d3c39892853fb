// A hold ends when it is over, or when something comes that CloudWatch does not hold back.
import { alarm, later, minutes, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor({ web: { dependsOn: ['api'] }, api: {} })
const muted = (service: string, at: number, until: number) => alarm(service, at, { quietUntil: T0 + minutes(until) })

const statusAt = (changes: Parameters<typeof play>[1], at: number): string =>
  onlyOn(later(play(rules, changes).board, rules, at)).status

test.each<[string, Parameters<typeof play>[1], number, string]>([
  ['it is held while its alarm is muted', [muted('api', 0, 60)], 59.9, 'held'],
  ['it is told when the mute ends', [muted('api', 0, 60)], 60, 'open'],
  ['an alarm that is not muted ends the hold', [muted('api', 0, 60), alarm('web', 5)], 5, 'open'],
  ['one that is muted for less long ends it then', [muted('api', 0, 60), muted('web', 5, 30)], 29.9, 'held'],
  ['and not before', [muted('api', 0, 60), muted('web', 5, 30)], 30, 'open'],
  ['one that is muted for longer changes nothing', [muted('api', 0, 60), muted('web', 5, 90)], 60, 'open'],
  ['a recovery ends no hold', [muted('api', 0, 60), alarm('api', 5, { state: 'OK' })], 9.9, 'held'],
])('%s', (_, changes, at, status) => {
  expect(statusAt(changes, at)).toBe(status)
})
