// The words Tocsin knows: signals, kinds of service, severities; and which signal a metric is.
import { factsOf, SIGNAL_WORDS } from './metrics.ts'

export const SIGNALS = ['disk', 'memory', 'latency', 'errors', 'saturation', 'availability', 'cpu', 'other'] as const
export type Signal = (typeof SIGNALS)[number]

export const KINDS = ['service', 'load-balancer', 'client', 'database', 'queue', 'external'] as const
export type Kind = (typeof KINDS)[number]

export interface SignalRule {
  namespace?: string
  metric?: string
  signal: Signal
}

/** Signal of a metric; `name` (the alarm's) decides where there is no metric. Rules of the user come first. */
export function signalOf(
  namespace: string | undefined,
  metric: string | undefined,
  name: string,
  rules: readonly SignalRule[] = [],
): Signal {
  for (const rule of rules) {
    if (rule.namespace !== undefined && rule.namespace !== namespace) continue
    if (rule.metric !== undefined && rule.metric !== metric) continue
    return rule.signal
  }
  if (metric === undefined) return guessFrom(name) ?? 'other'
  const known = factsOf(namespace, metric)
  if (known) return known[0]
  const before = guessed.get(metric)
  if (before !== undefined) return before
  const guess = guessFrom(metric)
  if (guess === undefined) return guessFrom(name) ?? 'other'
  if (guessed.size < MOST_REMEMBERED) guessed.set(metric, guess)
  return guess
}

/** What was guessed before, by metric. */
const guessed = new Map<string, Signal>()
const MOST_REMEMBERED = 1000

function guessFrom(text: string | undefined): Signal | undefined {
  if (text === undefined) return undefined
  return SIGNAL_WORDS.find(([, word]) => word.test(text))?.[0]
}

export const SEVERITIES = ['minor', 'major', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
