// Whatever is in a message is read or refused; that no expression takes long over it is checked by lint (eslint-plugin-regexp).
import { readBody } from '../../../lambda/core/intake/envelopes.ts'

const event = (detail: object): string =>
  JSON.stringify({ source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', detail })
const state = { value: 'ALARM', timestamp: '2026-04-02T08:00:00Z' }
const LONG = 200_000

test.each<[string, string]>([
  [
    'a query of blanks',
    event({ alarmName: 'a', state, configuration: { metrics: [{ expression: `SELECT AVG(${' '.repeat(LONG)}` }] } }),
  ],
  [
    'a query of brackets',
    event({ alarmName: 'a', state, configuration: { metrics: [{ expression: 'SELECT AVG('.repeat(LONG / 10) }] } }),
  ],
  [
    'datapoints that never end',
    event({ alarmName: 'a', state: { ...state, reasonData: '"recentDatapoints":['.repeat(LONG / 20) } }),
  ],
  [
    'thresholds and blanks',
    event({ alarmName: 'a', state: { ...state, reasonData: `"threshold"${' '.repeat(50)}`.repeat(LONG / 60) } }),
  ],
  ['a reason of brackets', event({ alarmName: 'a', state: { ...state, reason: 'threshold (['.repeat(LONG / 12) } })],
  ['a rule of brackets', event({ alarmName: 'a', state, configuration: { alarmRule: 'ALARM('.repeat(LONG / 6) } })],
  ['a name of one letter', event({ alarmName: 'a'.repeat(LONG), state })],
  ['a deep nest', '['.repeat(LONG)],
])('%s', (_, body) => {
  expect(['alarm', 'unreadable']).toContain(readBody(body, 0).is)
})

test.each([
  ['SELECT MAX(CPUUtilization) FROM x', 'CPUUtilization'],
  ['  select avg( "Queue depth (all)" ) from x', undefined],
  ['SELECT AVG("disk_used %") FROM SCHEMA("CWAgent")', 'disk_used %'],
  ['SELECT AVG( Latency )', 'Latency'],
  ['SUM(m1)', undefined],
])('the metric of %j is %j', (expression, metric) => {
  const reading = readBody(event({ alarmName: 'a', state, configuration: { metrics: [{ expression }] } }), 0)
  expect(reading).toMatchObject({ change: { metric } })
})
