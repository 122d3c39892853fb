// The number an alarm is about, its threshold, which side of that is bad, and how far beyond it the number is.
import { excessOf } from '../../../lambda/core/intake/measure.ts'
import type { Measure } from '../../../lambda/core/incident/alarm.ts'
import { changeIn, detailOf, event, notification, reasonData, reasonOf, stateOf, take, type Json } from './messages.ts'

describe('the numbers of an alarm', () => {
  const by = (reason: string, data?: unknown): Json => event(detailOf({ state: stateOf({ reason, reasonData: data }) }))
  test.each<[string, Json, Json]>([
    ['the last data point counts', by('x', reasonData({ recentDatapoints: [1, 2, 3] })), { value: 3 }],
    ['missing data points are passed over', by('x', reasonData({ recentDatapoints: [1, null] })), { value: 1 }],
    [
      'the reason stands in',
      by(reasonOf('61240.0', 'greater than', '50000.0')),
      { value: 61240, threshold: 50000, side: 'above' },
    ],
    [
      'exponents',
      by(reasonOf('1.2E7', 'less than or equal to', '1.0E-3')),
      { value: 12_000_000, threshold: 0.001, side: 'below' },
    ],
    ['a negative number', by(reasonOf('-5.0', 'less than', '-1.5')), { value: -5, threshold: -1.5, side: 'below' }],
    [
      'a threshold of 0 by SNS',
      notification({ Trigger: { Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' } }),
      { threshold: 0, side: 'above' },
    ],
  ])('%s', (_, message, expected) => {
    expect(changeIn(take(message))).toMatchObject(expected)
  })

  test('no number where none is told', () => {
    const { value, threshold, side } = changeIn(take(by('Unchecked: Initial alarm creation')))
    expect([value, threshold, side]).toEqual([undefined, undefined, undefined])
  })
})

describe('how far beyond its threshold', () => {
  test.each<[string, Measure, number]>([
    ['twice the limit', { value: 10, threshold: 5, side: 'above' }, 2],
    ['half of what must be left', { value: 2, threshold: 4, side: 'below' }, 2],
    ['nothing left at all', { value: 0, threshold: 4, side: 'below' }, 100],
    ['beyond all measure', { value: 1e12, threshold: 1, side: 'above' }, 100],
    ['recovered', { value: 1, threshold: 5, side: 'above' }, 1],
    ['a limit of zero', { value: 3, threshold: 0, side: 'above' }, 1],
    ['zero of a limit of zero', { value: 0, threshold: 0, side: 'above' }, 1],
    ['a band', { value: 3, threshold: 1, side: 'outside' }, 1],
    ['no value', { threshold: 1, side: 'above' }, 1],
    ['nothing known', {}, 1],
  ])('%s', (_, measure, excess) => {
    expect(excessOf(measure)).toBe(excess)
  })
})

describe('which side is the bad one, as SNS names the comparison', () => {
  test.each([
    ['GreaterThanThreshold', 'above'],
    ['GreaterThanOrEqualToThreshold', 'above'],
    ['LessThanThreshold', 'below'],
    ['LessThanOrEqualToThreshold', 'below'],
    ['LessThanLowerOrGreaterThanUpperThreshold', 'outside'],
    ['LessThanLowerThreshold', 'outside'],
  ])('%s: %s', (ComparisonOperator, side) => {
    expect(changeIn(take(notification({ Trigger: { ComparisonOperator } }))).side).toBe(side)
  })
})
