// What an alarm says that is no shortage and no fault of its own: too little of something, or too much of what should be much.
import type { Alarm, Measure } from '../incident/alarm.ts'
import { tokensOf } from './tokens.ts'
import { limitOf } from './units.ts'

/** What there is none of, by words of its metric. */
const NOTHING: readonly [readonly string[], string][] = [
  [['connection', 'connections', 'session', 'sessions'], 'nobody connects'],
  [['message', 'messages', 'published', 'records'], 'no messages arrive'],
  [['request', 'requests', 'invocation', 'invocations', 'calls', 'hits'], 'no requests arrive'],
  [['order', 'orders', 'sales', 'payments', 'checkouts', 'signups', 'logins'], 'none come in'],
]

/** Of a share, or of whether something is up, none is something else. */
const NO_COUNTS = ['up', 'state', 'status', 'rate', 'ratio', 'percent', 'success', 'succeeded', 'healthy', 'health']

const IDLE: readonly [string, string][] = [
  ['cpu', 'CPU'],
  ['memory', 'memory'],
  ['mem', 'memory'],
]

type Facts = Pick<Alarm, 'name' | 'namespace' | 'metric'> & Measure

/** `CPU below 5%: idle`, `no messages arrive`, `Orders below 10`. Undefined if the message does not tell its side. */
export function sideWords(facts: Facts): string | undefined {
  const { metric, threshold, value, side } = facts
  if (metric === undefined || threshold === undefined || (side !== 'below' && side !== 'above')) return undefined
  const limit = `${side} ${limitOf(facts, threshold)}`
  if (side === 'above') return `${metric} ${limit}`
  const words = tokensOf(metric)
  const isCount = !words.some((word) => NO_COUNTS.includes(word))
  const isNone = isCount && threshold <= 1 && (value ?? 0) === 0
  const none = isNone ? NOTHING.find(([things]) => words.some((word) => things.includes(word))) : undefined
  if (none) return none[1]
  const idle = IDLE.find(([word]) => words.includes(word))
  return idle ? `${idle[1]} ${limit}: idle` : `${metric} ${limit}`
}
