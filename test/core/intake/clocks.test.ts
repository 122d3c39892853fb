// When a change was, where clocks differ, messages come late, or say nothing of the time.
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { isFiring, withChange, type Alarm } from '../../../lambda/core/incident/alarm.ts'
import { readBody } from '../../../lambda/core/intake/envelopes.ts'

const SENT = Date.parse('2026-04-02T08:00:00Z')
const seconds = (n: number): number => n * 1000

/** `at`: what the message says, in seconds after it was sent; undefined: nothing. */
function changeOf(state: 'ALARM' | 'OK', at: number | undefined, sentAt = SENT): Change {
  const time = at === undefined ? {} : { StateChangeTime: new Date(SENT + seconds(at)).toISOString() }
  const reading = readBody(JSON.stringify({ AlarmName: 'a', NewStateValue: state, AWSAccountId: '1', ...time }), sentAt)
  if (reading.is !== 'alarm') throw new Error(reading.reason)
  return reading.change
}

test.each([
  ['as it says', -30, { at: -30 }],
  ['as it says, a little ahead', 59, { at: 59 }],
  ['when it was sent, far ahead', 61, { at: 0, stamp: 61 }],
  ['when it was sent, a year ahead', 365 * 86_400, { at: 0, stamp: 365 * 86_400 }],
  ['when it was sent, without a time', undefined, { at: 0 }],
])('a change is placed %s', (_, says, { at, stamp }: { at: number; stamp?: number }) => {
  const change = changeOf('ALARM', says)
  expect(change.at).toBe(SENT + seconds(at))
  expect(change.stamp).toBe(stamp === undefined ? undefined : SENT + seconds(stamp))
})

const after = (...changes: Change[]): Alarm['changes'] => {
  let all: Alarm['changes'] = []
  for (const change of changes) all = withChange(all, change)
  return all
}

test('an alarm whose clock is ahead does not outlive its recovery', () => {
  expect(isFiring(after(changeOf('ALARM', 600), changeOf('OK', 120, SENT + seconds(120))))).toBe(false)
})

test('the same change by another way, later, keeps the place that it was given first', () => {
  const first = after(changeOf('ALARM', 600), changeOf('OK', 120, SENT + seconds(120)))
  const again = withChange(first, changeOf('ALARM', 600, SENT + seconds(300)))
  expect(again).toBe(first)
  // Its clock is not ahead any more.
  expect(withChange(first, changeOf('ALARM', 600, SENT + seconds(700)))).toBe(first)
})

test('a recovery without a time that comes twice ends nothing that fired in between', () => {
  const ok = changeOf('OK', undefined)
  expect(isFiring(after(ok, changeOf('ALARM', 60, SENT + seconds(61)), ok))).toBe(true)
})
