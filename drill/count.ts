// Counts the messages of a drill one by one: what became of each one that a broker accepted.
import type { BrokerMessage } from '../lambda/ports/broker.ts'
import type { Queue } from './world/broker/queue.ts'
import { bodyOf, messageOf, numberOf } from './world/ports/broker.ts'
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
  for (const { queue, numberIn } of queuesOf(world)) {
    const { ledger } = queue
    const waiting = new Map<number, number>()
    for (const n of [...queue.ready, ...queue.held, ...queue.taken()]) waiting.set(n, (waiting.get(n) ?? 0) + 1)
    const whole = new Set(stored.map(numberIn))
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

/** `numberIn`: of the message of which this is a whole copy. */
function queuesOf(world: SimulatedWorld): { queue: Queue; numberIn(copy: BrokerMessage): number | undefined }[] {
  const brokers = [...world.brokers.values()].flatMap(({ queues }) => [...queues.values()])
  return [
    ...brokers.map((queue) => ({ queue, numberIn: (copy: BrokerMessage) => wholeOfBroker(world, queue, copy) })),
    ...[...world.sqs.values()].map(({ queue }) => ({
      queue,
      numberIn: (copy: BrokerMessage) => wholeOfSqs(queue, copy),
    })),
  ]
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

/** Its body and properties match the message's. */
function wholeOfBroker(world: SimulatedWorld, queue: Queue, copy: BrokerMessage): number | undefined {
  if (copy.routingKey !== queue.name) return undefined
  const n = numberOf(queue, copy)
  const { body, properties } = messageOf(world, queue, n)
  return copy.body === body && JSON.stringify(copy.properties) === JSON.stringify(properties) ? n : undefined
}

/** SQS gives a message its id. */
function wholeOfSqs(queue: Queue, { body, properties }: BrokerMessage): number | undefined {
  const id = String(properties['messageId'])
  const n = Number(id.slice(queue.name.length + 1))
  const isIts = id === `${queue.name}/${n}` && n < queue.ledger.accepted
  return isIts && body === Buffer.from(bodyOf(queue, n)).toString('base64') ? n : undefined
}
