// What the alarms' metric math says about disks that fill, drain and rest, and about requests that fail.
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { errorsPercent, growth, hoursLeft, hoursUntilFull, percentOf } from '../../../lib/alarms/formulas.ts'
import { GIB, seriesOf, type Formula } from '../../../lib/alarms/row.ts'
import { evaluate, type Points } from './metric-math.ts'

const any = seriesOf('N', {})('m', 'Average')
const PERIOD = 300
const YEAR_HOURS = 8760

const last = (formula: Formula, series: Record<string, Points>, period = PERIOD): number | undefined => {
  expect(Object.keys(series).sort()).toEqual(Object.keys(formula.of).sort())
  return evaluate(formula.expression, series, period).at(-1)
}

describe('hours until a disk is full', () => {
  const left = (...gib: (number | undefined)[]): number | undefined =>
    last(hoursLeft(any), { free: gib.map((one) => one && one * GIB) })

  test('are what is free by what goes each hour', () => {
    // 1 GiB in five minutes is 12 GiB an hour.
    expect(left(25, 24)).toBeCloseTo(2)
    expect(left(100, 99)).toBeCloseTo(8.25)
  })

  test.each<[string, number[]]>([
    ['rests', [50, 50, 50]],
    ['drains', [50, 60, 70]],
    ['is emptied at once', [1, 500]],
    ['fills by bytes', [50, 50 - 100 / GIB]],
  ])('are more than a year where it %s', (_, points) => {
    expect(left(...points)).toBeGreaterThan(YEAR_HOURS)
  })

  test('are none once nothing is free, also where it rests', () => {
    expect(last(hoursLeft(any), { free: [0, 0] })).toBe(0)
  })

  test('are not told by the first datapoint, nor by one that is missing', () => {
    expect(left(50)).toBeUndefined()
    expect(left(50, undefined)).toBeUndefined()
  })

  test('go on over a gap at the pace of the whole gap', () => {
    expect(left(26, undefined, 24)).toBeCloseTo(2)
  })

  test('count down to a reserve where publishers are blocked at a limit', () => {
    const formula = hoursLeft(any, any)
    const reserve = [4 * GIB, 4 * GIB]
    expect(last(formula, { free: [29 * GIB, 28 * GIB], reserve })).toBeCloseTo(2)
    expect(last(formula, { free: [4 * GIB, 3 * GIB], reserve })).toBeLessThan(0)
    expect(last(formula, { free: [28 * GIB, 29 * GIB], reserve })).toBeGreaterThan(YEAR_HOURS)
  })

  test('are the same from percent used', () => {
    const until = (...used: number[]): number | undefined => last(hoursUntilFull(any), { used })
    // 1 point in five minutes is 12 points an hour.
    expect(until(75, 76)).toBeCloseTo(2)
    expect(until(76, 75)).toBeGreaterThan(YEAR_HOURS)
    expect(until(76, 76)).toBeGreaterThan(YEAR_HOURS)
    expect(until(100, 100)).toBe(0)
  })

  test('for any disk are a number, never below zero, and fewer the faster it fills', () => {
    const bytes = fc.integer({ min: 0, max: 2 ** 44 })
    fc.assert(
      fc.property(bytes, bytes, bytes, (before, free, more) => {
        const slow = last(hoursLeft(any), { free: [before, free] })!
        const fast = last(hoursLeft(any), { free: [before + more, free] })!
        expect(Number.isFinite(slow)).toBe(true)
        expect(slow).toBeGreaterThanOrEqual(0)
        expect(fast).toBeLessThanOrEqual(slow)
      }),
    )
  })
})

test('the growth of a queue is told a second, and is negative while it drains', () => {
  expect(evaluate(growth(any).expression, { depth: [0, 3000, 3000, 0] }, PERIOD)).toEqual([undefined, 10, 0, -10])
})

test('a part is told in percent of the whole', () => {
  expect(evaluate(percentOf(any, any).expression, { part: [1, 4], whole: [2, 4] }, PERIOD)).toEqual([50, 100])
})

describe('the percentage of calls that fail', () => {
  const plain = errorsPercent({ calls: any, failed: [any, any] })
  test.each<[string, Points, Points, Points, number | undefined]>([
    ['adds both kinds', [5], [5], [100], 10],
    ['takes what is not reported as none', [undefined], [undefined], [100], 0],
    ['is none where there are too few calls', [19], [undefined], [19], 0],
    ['begins at twenty calls', [20], [undefined], [20], 100],
    ['is not told without calls', [undefined], [undefined], [undefined], undefined],
  ])('%s', (_, failed1, failed2, calls, percent) => {
    expect(last(plain, { failed1, failed2, calls })).toBe(percent)
  })

  test.each<[string, Points, Points, Points, number | undefined]>([
    ['counts the refused among the calls', [10], [100], [100], 55],
    ['is all of them where nothing but refused came', [undefined], [50], [undefined], 100],
    ['is none where nothing came at all', [undefined], [undefined], [undefined], 0],
  ])('with failures that are no calls, %s', (_, failed1, failed2, calls, percent) => {
    const formula = errorsPercent({ calls: any, failed: [any], uncounted: [any] })
    expect(last(formula, { failed1, failed2, calls })).toBe(percent)
  })
})
