// Alarms of the simulated world: evaluated by period as CloudWatch does, delivered as EventBridge does.
import { describe, expect, test } from '@jest/globals'
import { judge, type AlarmState } from '../../drill/world/measure/alarms.ts'
import { simulate } from '../../drill/world/world.ts'
import { read } from '../../lambda/core/intake/envelopes.ts'
import type { AlarmPlan } from '../../drill/world/plan/schema-watch.ts'
import { statistic, compressed } from '../../drill/world/measure/statistics.ts'
import { planOf } from './worlds.ts'

const alarm = (change: Partial<AlarmPlan>): AlarmPlan => ({
  namespace: 'N',
  metric: 'M',
  dimensions: {},
  stat: 'Average',
  period: 60,
  threshold: 10,
  comparison: 'GreaterThanThreshold',
  evaluationPeriods: 1,
  missing: 'missing',
  ...change,
})

const _ = undefined

describe('an alarm', () => {
  test.each<[string, Partial<AlarmPlan>, (number | undefined)[], AlarmState, AlarmState]>([
    ['fires above its threshold', {}, [11], 'OK', 'ALARM'],
    ['not at it', {}, [10], 'OK', 'OK'],
    ['at it where that is meant', { comparison: 'GreaterThanOrEqualToThreshold' }, [10], 'OK', 'ALARM'],
    ['below it', { comparison: 'LessThanThreshold' }, [9], 'OK', 'ALARM'],
    ['at or below it', { comparison: 'LessThanOrEqualToThreshold' }, [10], 'OK', 'ALARM'],
    ['waits for all its periods', { evaluationPeriods: 3 }, [11, 11, 9], 'OK', 'OK'],
    ['or for so many of them', { evaluationPeriods: 3, datapointsToAlarm: 2 }, [11, 9, 11], 'OK', 'ALARM'],
    ['has no data', {}, [_], 'ALARM', 'INSUFFICIENT_DATA'],
    ['what is missing may breach', { missing: 'breaching' }, [_], 'OK', 'ALARM'],
    ['or not', { missing: 'notBreaching' }, [_], 'ALARM', 'OK'],
    ['or leave it as it is', { missing: 'ignore' }, [_], 'ALARM', 'ALARM'],
    ['knows with what is there', { evaluationPeriods: 2, datapointsToAlarm: 1 }, [_, 11], 'OK', 'ALARM'],
    ['cannot tell with one of two', { evaluationPeriods: 2, missing: 'ignore' }, [_, 11], 'OK', 'OK'],
  ])('%s', (_name, change, values, before, expected) => {
    const points = values.map((value, place) => ({ from: place * 60, value }))
    expect(judge(alarm(change), points, before)).toBe(expected)
  })

  test('is told so that intake reads it', () => {
    const world = simulate(
      planOf({
        services: { api: { requestsPerSecond: 10 } },
        alarms: {
          'api/errors': {
            namespace: 'Shop',
            metric: 'Errors',
            dimensions: { ServiceName: 'api' },
            measures: { service: 'api', value: 'errors' },
            stat: 'Sum',
            threshold: 20,
            delaySeconds: 7,
          },
        },
        events: [{ at: 30, forSeconds: 60, does: 'fail', service: 'api', percent: 50 }],
        start: '2026-03-02T09:00:00Z',
      }),
    )
    const told: unknown[] = []
    for (let second = 1; second <= 240; second++) told.push(...world.tick())
    expect(told.map((event) => read(event, Date.parse('2026-03-02T10:00:00Z')))).toMatchObject([
      {
        is: 'alarm',
        change: {
          name: 'api/errors',
          state: 'ALARM',
          at: Date.parse('2026-03-02T09:01:07Z'),
          namespace: 'Shop',
          metric: 'Errors',
          dimensions: { ServiceName: 'api' },
          threshold: 20,
          value: 150,
          side: 'above',
        },
      },
      { change: { state: 'OK', at: Date.parse('2026-03-02T09:03:07Z') } },
    ])
  })
})

describe('statistics', () => {
  const samples = [
    [1, 90],
    [5, 9],
    [60, 1],
  ] as const
  test.each([
    ['Average', (90 + 45 + 60) / 100],
    ['Sum', 195],
    ['Minimum', 1],
    ['Maximum', 60],
    ['SampleCount', 100],
    ['p50', 1],
    ['p95', 5],
    ['p99', 5],
    ['p99.9', 60],
  ])('%s', (stat, expected) => {
    expect(statistic(samples, stat)).toBeCloseTo(expected)
    expect(statistic(compressed(samples), stat)).toBeCloseTo(expected)
    expect(statistic([], stat)).toBeUndefined()
  })
})
