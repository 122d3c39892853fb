// Statistics of a period, as CloudWatch computes them from what was measured.

/** A value, and how often it was seen. */
export type Sample = readonly [value: number, weight: number]

/** Undefined where nothing was measured. `stat` as CloudWatch writes it: Average, Sum, p99 … */
export function statistic(samples: readonly Sample[], stat: string): number | undefined {
  if (samples.length === 0) return undefined
  const weights = samples.reduce((sum, [, weight]) => sum + weight, 0)
  switch (stat) {
    case 'SampleCount':
      return weights
    case 'Sum':
      return samples.reduce((sum, [value, weight]) => sum + value * weight, 0)
    case 'Average':
      return samples.reduce((sum, [value, weight]) => sum + value * weight, 0) / weights
    case 'Minimum':
      return samples.reduce((least, [value]) => Math.min(least, value), Infinity)
    case 'Maximum':
      return samples.reduce((most, [value]) => Math.max(most, value), -Infinity)
    default:
      return percentile(samples, weights, Number(stat.slice(1)))
  }
}

function percentile(samples: readonly Sample[], weights: number, percent: number): number {
  const sorted = [...samples].sort(([a], [b]) => a - b)
  let seen = 0
  for (const [value, weight] of sorted) {
    seen += weight
    if (seen >= (weights * percent) / 100) return value
  }
  return sorted.at(-1)![0]
}

/** Values that differ by less than a hundredth count as one: percentiles of a minute then sort tens of values, not thousands. */
export function compressed(samples: Iterable<Sample>): Sample[] {
  const groups = new Map<number, { value: number; weight: number }>()
  for (const [value, weight] of samples) {
    const key = value > 0 ? Math.round(Math.log2(value) * 72) : Number.NEGATIVE_INFINITY
    const group = groups.get(key)
    if (!group) groups.set(key, { value, weight })
    else {
      group.value = (group.value * group.weight + value * weight) / (group.weight + weight || 1)
      group.weight += weight
    }
  }
  return [...groups.values()].map(({ value, weight }) => [value, weight])
}
