// Counts the messages of a drill one by one: what became of each one that a broker accepted.
import type { BrokerMessage } from '../lambda/ports/broker.ts'
import type { Queue } from './world/broker/queue.ts'
import { messageOf, numberOf } from './world/ports/broker.ts'
import type { SimulatedWorld } from './world/world.ts'

export interface Messages {
  published: number
  consumed: number
  /** Intact in the evidence, and out of the queue. */
  kept: number
  republished: number
  /** Nowhere to be found, and never consumed. */
  lost: number
  /** Consumed, or waiting, more than once. */
  doubled: number
}

export function countMessages(world: SimulatedWorld, evidence: Iterable<string>): Messages {
  const sum: Messages = { published: 0, consumed: 0, kept: 0, republished: 0, lost: 0, doubled: 0 }
  const stored = storedIn(evidence)
  for (const { queues } of world.brokers.values())
    for (const queue of queues.values()) {
      const { ledger } = queue
      const waiting = new Map<number, number>()
      for (const n of [...queue.ready, ...queue.held, ...queue.taken()]) waiting.set(n, (waiting.get(n) ?? 0) + 1)
      const whole = wholeOnes(world, queue, stored)
      sum.published += ledger.accepted
      sum.republished += ledger.republishedCount
      for (let n = 0; n < ledger.accepted; n++) {
        const [consumed, waits] = [ledger.consumed[n]!, waiting.get(n) ?? 0]
        const isKept = consumed === 0 && waits === 0 && whole.has(n)
        if (consumed > 0) sum.consumed++
        if (isKept) sum.kept++
        if (consumed === 0 && waits === 0 && !isKept) sum.lost++
        if (consumed + waits > 1) sum.doubled++
      }
    }
  return sum
}

/** The messages in the evidence, whatever else is in the file: one JSON value per line. */
function storedIn(evidence: Iterable<string>): BrokerMessage[] {
  const messages: BrokerMessage[] = []
  for (const text of evidence)
    for (const line of text.split('\n')) {
      const value = parsed(line)
      if (typeof value === 'object' && value !== null && 'body' in value && 'properties' in value)
        messages.push(value as BrokerMessage)
    }
  return messages
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A copy counts only if its body and properties match the message's. */
function wholeOnes(world: SimulatedWorld, queue: Queue, stored: readonly BrokerMessage[]): Set<number> {
  const whole = new Set<number>()
  for (const copy of stored) {
    if (copy.routingKey !== queue.name) continue
    const n = numberOf(queue, copy)
    const { body, properties } = messageOf(world, queue, n)
    if (copy.body === body && JSON.stringify(copy.properties) === JSON.stringify(properties)) whole.add(n)
  }
  return whole
}
