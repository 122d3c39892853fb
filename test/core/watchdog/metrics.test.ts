// The log line from which CloudWatch reads Tocsin's numbers.
import { describe, expect, test } from '@jest/globals'
import { logLine, METRICS } from '../../../lambda/core/watchdog/metrics.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const line = (...[facts, counts, stack]: [Parameters<typeof logLine>[1]?, Parameters<typeof logLine>[2]?, string?]) =>
  JSON.parse(logLine({ level: 'info', message: 'told Slack', now: NOW, stack }, facts, counts)) as Record<
    string,
    unknown
  >

describe('a log line', () => {
  test('is one JSON object with its incident', () => {
    expect(line({ incident: 'INC-0001' }, undefined, 'Tocsin')).toEqual({
      timestamp: '2026-03-01T12:00:00.000Z',
      level: 'INFO',
      message: 'told Slack',
      incident: 'INC-0001',
    })
  })

  test('carries its counts as metrics: one namespace, one dimension, each with its unit', () => {
    expect(line({ incident: 'INC-0001' }, { SlackPosts: 1, SecondsToMessage: 1.5 }, 'Tocsin')).toMatchObject({
      Stack: 'Tocsin',
      SlackPosts: 1,
      SecondsToMessage: 1.5,
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          {
            Namespace: 'Tocsin',
            Dimensions: [['Stack']],
            Metrics: [
              { Name: 'SlackPosts', Unit: 'Count' },
              { Name: 'SecondsToMessage', Unit: 'Seconds' },
            ],
          },
        ],
      },
    })
  })

  test('sends no zeros: an hour in which nothing is sent costs nothing', () => {
    expect(line({}, { AlarmsIn: 0, Unreadable: 0 }, 'Tocsin')).not.toHaveProperty('_aws')
    const metrics = line({}, { AlarmsIn: 3, Unreadable: 0 }, 'Tocsin')['_aws'] as object
    expect(JSON.stringify(metrics)).not.toContain('Unreadable')
  })

  test('is plain where nobody collects metrics', () => {
    expect(line({}, { AlarmsIn: 3 })).toEqual({
      timestamp: '2026-03-01T12:00:00.000Z',
      level: 'INFO',
      message: 'told Slack',
      AlarmsIn: 3,
    })
  })

  test('never needs more metrics than are free', () => {
    expect(Object.keys(METRICS).length).toBeLessThanOrEqual(10)
  })
})
