// What is read of an alarm that names no metric, but has a query.
import { expect, test } from '@jest/globals'
import { checkConfig } from '../../../lambda/config.ts'
import { read } from '../../../lambda/core/intake/envelopes.ts'
import { readQuery } from '../../../lambda/core/intake/queries.ts'
import { rulesOf } from '../../../lambda/core/services/rules.ts'

const promQl = (query: string) => readQuery({ evaluationCriteria: { promQLCriteria: { query } } })

test.each<[string, ReturnType<typeof readQuery>]>([
  [
    'histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m])) > 0.5',
    { metric: 'http_request_duration_seconds_bucket', threshold: 0.5, side: 'above', isOverSeries: true },
  ],
  ['my_gauge_metric < 20', { metric: 'my_gauge_metric', threshold: 20, side: 'below', isOverSeries: true }],
  [
    'sum by (le, service) (rate(errors_total{job="a > 3", env=~"prod|eu"}[1m] offset 5m)) >= 1e2',
    { metric: 'errors_total', threshold: 100, side: 'above', isOverSeries: true },
  ],
  [
    'sum without(pod)(node_filesystem_free_bytes) / on (node) group_left (zone) node_filesystem_size_bytes <= -0.1',
    { metric: 'node_filesystem_free_bytes', computed: true, threshold: -0.1, side: 'below', isOverSeries: true },
  ],
  [
    '{"http.server.duration", code="500"} > bool 3',
    { metric: 'http.server.duration', threshold: 3, side: 'above', isOverSeries: true },
  ],
  ['{__name__="queue_depth"}', { metric: 'queue_depth', isOverSeries: true }],
  ['absent(up{job="web"})', { metric: 'up', isOverSeries: true }],
  ['a > b', { metric: 'a', isOverSeries: true }],
  ['errors > 5 and on() requests > 100', { metric: 'errors', isOverSeries: true }],
  [`${'a'.repeat(2045)} > 500`, { metric: 'a'.repeat(2045), isOverSeries: true }],
  ['rate(a[5m] offset -5m) > -1', { metric: 'a', computed: true, threshold: -1, side: 'above', isOverSeries: true }],
  ['vector(1) > 0', { threshold: 0, side: 'above', isOverSeries: true }],
  ['', { isOverSeries: true }],
])('PromQL: %s', (query, expected) => expect(promQl(query)).toEqual(expected))

test.each<[string, ReturnType<typeof readQuery>]>([
  ['avg(latency) by host | sort desc', { metric: 'latency', isOverSeries: true }],
  ['count(*)', { isOverSeries: false }],
  ['pct(@duration, 99)', { isOverSeries: false }],
  ['max(`http.status`)', { metric: 'http.status', isOverSeries: false }],
  ['nonsense', { isOverSeries: false }],
])('logs: %s', (aggregationExpression, expected) =>
  expect(readQuery({ scheduledQueryConfiguration: { aggregationExpression } })).toEqual(expected),
)

test.each([
  ['of neither kind', { metrics: [] }, undefined],
  ['of a kind that is not known yet', { evaluationCriteria: { fooCriteria: {} } }, { isOverSeries: true }],
  [
    'as a notification writes it',
    { EvaluationCriteria: { PromQLCriteria: { Query: 'a > 1' } } },
    { metric: 'a', threshold: 1, side: 'above', isOverSeries: true },
  ],
  ['that is no text', { evaluationCriteria: { promQLCriteria: { query: 7 } } }, { isOverSeries: true }],
])('a configuration %s', (_, configuration, expected) => expect(readQuery(configuration)).toEqual(expected))

test.each([
  ['{'.repeat(200_000)],
  ['by ('.repeat(50_000)],
  ['by '.repeat(70_000)],
  ['by' + ' '.repeat(200_000)],
  ['a'.repeat(200_000)],
  ['"'.repeat(200_001)],
  ['> '.repeat(100_000)],
  ['> bool ' + ' '.repeat(200_000)],
  ['count(' + ' '.repeat(200_000)],
])('%.9s… is read, whatever it says', (query) => {
  expect(promQl(query)?.isOverSeries).toBe(true)
  expect(readQuery({ scheduledQueryConfiguration: { aggregationExpression: query } })).toBeDefined()
})

const rules = rulesOf(checkConfig({ slack: { channel: '#a' }, services: {} }))
const state = {
  value: 'ALARM',
  timestamp: '2026-04-02T08:00:00Z',
  reason: '1 out of 12 time series evaluated to ALARM',
}

test.each([
  [
    'slow',
    { evaluationCriteria: { promQLCriteria: { query: 'rate(http_server_duration_bucket[5m]) > 0.5' } } },
    'latency',
    'above',
  ],
  [
    'nothing to do with its name',
    { evaluationCriteria: { promQLCriteria: { query: 'node_filesystem_avail_bytes < 1e9' } } },
    'disk',
    'below',
  ],
  [
    'disk-full',
    { evaluationCriteria: { promQLCriteria: { query: '(1 - disk_avail_bytes / disk_size_bytes) > 0.9' } } },
    'disk',
    'above',
  ],
  [
    'logs',
    {
      scheduledQueryConfiguration: { aggregationExpression: 'avg(latency) by host' },
      threshold: 3,
      comparisonOperator: 'GreaterThanThreshold',
    },
    'latency',
    'above',
  ],
])('the signal and the side come from the query: %s', (alarmName, configuration, signal, side) => {
  const detail = { alarmName, state, configuration }
  const message = {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: '111122223333',
    region: 'eu-west-1',
    detail,
  }
  const reading = read(message, Date.parse(state.timestamp))
  if (reading.is !== 'alarm') throw new Error(reading.reason)
  expect([rules.signalOf(reading.change), reading.change.side]).toEqual([signal, side])
})
