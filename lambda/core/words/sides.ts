// What an alarm says that is no shortage and no fault of its own: too little of something, or too much of what should be much.
import type { Alarm, Measure } from '../incident/alarm.ts'
import { limitOf } from './units.ts'

/** What there is none of, by words of its metric. */
const NOTHING: readonly [RegExp, string][] = [
  [/connection|session/i, 'nobody connects'],
  [/message|visible|sent|publish|record/i, 'no messages arrive'],
  [/request|invocation|call|hit/i, 'no requests arrive'],
  [/order|sale|payment|checkout|sign.?up|login/i, 'none come in'],
]

const IDLE: readonly [RegExp, string][] = [
  [/cpu/i, 'CPU'],
  [/mem(?!ber)/i, 'memory'],
]

type Facts = Pick<Alarm, 'name' | 'namespace' | 'metric'> & Measure

/** `CPU below 5%: idle`, `no messages arrive`, `Orders below 10`. Undefined if the message does not tell its side. */
export function sideWords(facts: Facts): string | undefined {
  const { metric, threshold, value, side } = facts
  if (metric === undefined || threshold === undefined || (side !== 'below' && side !== 'above')) return undefined
  const limit = `${side} ${limitOf(facts, threshold)}`
  if (side === 'above') return `${metric} ${limit}`
  const none = threshold <= 1 && (value ?? 0) === 0 ? NOTHING.find(([word]) => word.test(metric)) : undefined
  if (none) return none[1]
  const idle = IDLE.find(([word]) => word.test(metric))
  return idle ? `${idle[1]} ${limit}: idle` : `${metric} ${limit}`
}
