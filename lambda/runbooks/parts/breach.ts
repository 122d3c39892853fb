// Whether a number is on the wrong side of a limit.

export type Comparison = 'above' | 'at or above' | 'below' | 'at or below'

/** CloudWatch's names of what makes an alarm fire. Those for anomaly bands have no limit of their own. */
export const COMPARISONS = new Map<string, Comparison>([
  ['GreaterThanThreshold', 'above'],
  ['GreaterThanOrEqualToThreshold', 'at or above'],
  ['LessThanThreshold', 'below'],
  ['LessThanOrEqualToThreshold', 'at or below'],
])

export function breaches(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case 'above':
      return value > limit
    case 'at or above':
      return value >= limit
    case 'below':
      return value < limit
    case 'at or below':
      return value <= limit
  }
}

/** Undefined before: nothing to compare with. */
export const isWorse = (before: number | undefined, now: number | undefined, byPercent: number): boolean =>
  before !== undefined && now !== undefined && now > before * (1 + byPercent / 100)

/** Three figures that mean something. */
export const figure = (value: number): string => String(Number(value.toPrecision(3)))
