// Whether a number is on the wrong side of a limit.

export type Comparison = 'above' | 'at or above' | 'below' | 'at or below'

/** CloudWatch's comparison operators. Those for anomaly bands have no fixed limit. */
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

/** False if either value is undefined: there is nothing to compare. */
export const isWorse = (before: number | undefined, now: number | undefined, byPercent: number): boolean =>
  before !== undefined && now !== undefined && now > before * (1 + byPercent / 100)

/** Three significant figures. */
export const figure = (value: number): string => String(Number(value.toPrecision(3)))
