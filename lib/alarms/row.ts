// One alarm as a row of facts: what is measured, against which threshold, for how long, and what people are told.
import type { What } from '../../lambda/core/facts/alarm-name.ts'
import type { ThresholdKey } from '../../lambda/core/facts/thresholds.ts'

/** `p99` and the like are percentiles. */
export type Stat = 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount' | 'p90' | 'p99'

export interface Series {
  namespace: string
  metric: string
  dimensions: Record<string, string>
  stat: Stat
}

/** Metric math over series by their ids. The first is what the alarm is about. */
export interface Formula {
  expression: string
  of: Record<string, Series>
}

/**
 * What it means when nothing is reported.
 * `unknown`: the metric always reports while its resource lives; silence is neither good nor bad, and must not look like a recovery. Another
 * row, on availability, says that a resource went silent. `fine`: the metric is only reported when something happens, so silence is good.
 * `bad`: silence is what the alarm is about.
 */
export type Silence = 'unknown' | 'fine' | 'bad'

export interface Row {
  what: What
  measures: Series | Formula
  /** The threshold, and which side of it is bad. */
  over?: ThresholdKey
  under?: ThresholdKey
  /** Set if this kind of resource has another default. */
  initial?: number
  /** From the threshold's unit to the metric's. */
  scaled?: (threshold: number) => number
  /** Seconds that each datapoint covers. */
  every: number
  /** Fires when M of N datapoints are bad; a function where the threshold is a time. */
  hold: readonly [bad: number, of: number] | ((threshold: number) => [bad: number, of: number])
  silence: Silence
  /** What it means, in one sentence. */
  means: string
  /** What usually helps, in one sentence. */
  helps: string
}

export interface ResourceRows {
  /** The kind and the name. */
  resource: readonly string[]
  rows: Row[]
}

/** The metrics of one resource. */
export const seriesOf =
  (namespace: string, dimensions: Record<string, string>) =>
  (metric: string, stat: Stat, more: Record<string, string> = {}): Series => ({
    namespace,
    metric,
    dimensions: { ...dimensions, ...more },
    stat,
  })

export const GIB = 2 ** 30
export const MIB = 2 ** 20
export const MINUTE = 60
export const FIVE_MINUTES = 300
