// What all benchmarks share: their options, the median of several runs, and a storm ready to be played.
import { checkConfig } from '../lambda/config.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { timeOf } from '../lambda/core/intake/envelopes.ts'
import { storm, type AlarmEvent, type StormOptions } from './storm.ts'

export interface Options {
  /** Small sizes and few runs: does it work, and roughly how fast is it? */
  quick: boolean
  /** One line for whoever is waiting. */
  progress: (text: string) => void
}

/** SQS hands over at most ten messages at a time. */
export const BATCH = 10

export interface Batch {
  /** When the last of its alarms changed (ms). */
  at: number
  events: AlarmEvent[]
}

/** A storm as a queue with a backlog hands it over: in full batches. */
export function batchesOf(options: StormOptions): { config: Config; batches: Batch[] } {
  const { config, events } = storm(options)
  const batches: Batch[] = []
  for (let i = 0; i < events.length; i += BATCH) {
    // As a parser creates them: the generator's own objects have other shapes inside the engine.
    const batch = JSON.parse(JSON.stringify(events.slice(i, i + BATCH))) as AlarmEvent[]
    batches.push({ at: timeOf(batch.at(-1)!.detail.state.timestamp)!, events: batch })
  }
  return { config: checkConfig(config, 'the storm'), batches }
}

/** `share` 0.5 is the median; of an even number of values the upper one. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (found === undefined) throw new Error('nothing was measured')
  return found
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)
