// An alarm's value and its threshold, from whatever the message still has of them.
import type { Measure, Side } from '../incident/alarm.ts'

/** The parts of a message that may have them. */
export interface Told {
  reason: string | undefined
  reasonData: unknown
  triggerThreshold?: unknown
  comparison?: string | undefined
  anomaly?: boolean
}

/**
 * `reasonData` is JSON in a string, and only two numbers of it are needed: they are searched for, because parsing would be most of the cost of
 * reading. The threshold may also be in the SNS trigger; the reason's text is the last resort.
 */
export function measure({ reason, reasonData, triggerThreshold, comparison, anomaly = false }: Told): Measure {
  const data = typeof reasonData === 'string' ? reasonData.slice(0, LONGEST) : undefined
  reason = reason?.slice(0, LONGEST)
  const value = lastOf(data) ?? numberAfter(reason, VALUE)
  const threshold = finite(triggerThreshold) ?? numberAfter(data, LIMIT) ?? numberAfter(reason, THRESHOLD)
  return { value, threshold, side: sideOf(comparison, reason, anomaly) }
}

const DATAPOINTS = '"recentDatapoints"'
/** CloudWatch's own is below 4,000 characters. */
const LONGEST = 20_000
const LIMIT = /"threshold"\s*:\s*(-?[\d.]+(?:E[-+]?\d+)?)/i
const VALUE = /\[(-?[\d.]+(?:E[-+]?\d+)?)/i
const THRESHOLD = /threshold \((-?[\d.]+(?:E[-+]?\d+)?)\)/i

/** The newest datapoint that is a number: missing ones are `null`. */
function lastOf(reasonData: string | undefined): number | undefined {
  const at = reasonData?.indexOf(DATAPOINTS) ?? -1
  if (reasonData === undefined || at < 0) return undefined
  const [open, close] = [reasonData.indexOf('[', at), reasonData.indexOf(']', at)]
  if (open < 0 || close < open) return undefined
  const points = reasonData.slice(open + 1, close)
  if (!points.includes(',')) return numberOf(points)
  return points
    .split(',')
    .map(numberOf)
    .findLast((value) => value !== undefined)
}

function numberOf(text: string): number | undefined {
  return /\d/.test(text) ? finite(Number(text)) : undefined
}

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

function numberAfter(text: string | undefined, pattern: RegExp): number | undefined {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1]
  return found === undefined ? undefined : finite(Number(found))
}

function sideOf(comparison: string | undefined, reason: string | undefined, anomaly: boolean): Side | undefined {
  if (anomaly) return 'outside'
  if (comparison !== undefined) {
    if (comparison.startsWith('LessThanLower')) return 'outside'
    return comparison.startsWith('Less') ? 'below' : 'above'
  }
  if (reason === undefined) return undefined
  if (reason.includes('greater than')) return reason.includes('lower threshold') ? 'outside' : 'above'
  return reason.includes('less than') ? 'below' : undefined
}

/** How far past its threshold, as a ratio of at least 1 (2 = twice the limit, or half of what must be left). 1 if that is unknown. */
export function excessOf({ value, threshold, side }: Measure): number {
  if (value === undefined || threshold === undefined || side === undefined || side === 'outside') return 1
  const ratio = side === 'above' ? value / threshold : threshold / value
  if (!Number.isFinite(ratio)) return side === 'below' && value === 0 ? MOST_EXCESS : 1
  return Math.min(MOST_EXCESS, Math.max(1, Math.round(ratio * 100) / 100))
}

const MOST_EXCESS = 100
