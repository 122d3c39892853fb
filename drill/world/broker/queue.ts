// One queue of the broker: each message has a number, so that lost or doubled messages are counted, not estimated.
import { chance, seedOf } from '../chance.ts'
import { newLedger, type Ledger } from './ledger.ts'
import { isOver, rejects, type Limits } from './limits.ts'
import { line, type Line } from './line.ts'
import type { Totals } from '../../../lambda/ports/broker.ts'
import type { QueuePlan } from '../plan/schema.ts'

export interface Queue {
  readonly name: string
  readonly plan: QueuePlan
  readonly type: 'classic' | 'quorum'
  /** What events change. */
  rates: { published: number; messageBytes: number; consumers: number; consumed: number }
  readonly ready: Line
  /** With consumers, in order. */
  readonly held: Line
  /** Total bytes of its messages. */
  bytes(): number
  readyBytes(): number
  messages(): number
  oldestSeconds(now: number): number
  /** In the last second. */
  last: { published: number; rejected: number; acknowledged: number }
  /** One more second. `limits` are those of its policy. */
  tick(now: number, blocked: boolean, limits: Limits): void
  /** How many came, came back included, and how many were worked off or taken, ever. */
  totals(): Totals
  /** How many came in the ten minutes in which most came, of the last hour. */
  peak(now: number): number
  /** So many more come at once. */
  flood(count: number, now: number): void
  /** Takes at most so many of the oldest waiting, of so many bytes; the taker holds them until they are removed or given back. */
  take(most: number, bytes?: number): number[]
  /** Held by a taker now. */
  taken(): Iterable<number>
  giveBack(numbers: readonly number[]): void
  remove(numbers: readonly number[]): void
  /** A message that was here before joins the end again. False if the policy rejects it. */
  comeBack(n: number, limits: Limits): boolean
  sizeOf(n: number): number
  ledger: Ledger
}

const HOUR_SECONDS = 3600
const PEAK_SECONDS = 600

/** Since RabbitMQ 4. https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling */
const DEFAULT_DELIVERY_LIMIT = 20

/** `version`: of the broker. */
export function queueOf(name: string, plan: QueuePlan, seed: number, version: string): Queue {
  const ownSeed = seedOf(seed, name)
  const ready = line()
  const held = line()
  const sizes: number[] = []
  const ledger = newLedger()
  /** Fractions of a message that the rates have added up to so far. */
  const due = { published: 0, consumed: 0 }
  const isLimitedAnyway = Number.parseInt(version, 10) >= 4
  const returnsMost =
    plan.type === 'quorum' ? (plan.deliveryLimit ?? (isLimitedAnyway ? DEFAULT_DELIVERY_LIMIT : Infinity)) : Infinity
  let bytes = 0
  let bytesElsewhere = 0
  const takenNow = new Set<number>()

  const sizeOf = (n: number): number => sizes[n] ?? 0
  const enter = (n: number): void => {
    ready.push(n)
    bytes += sizeOf(n)
  }
  const accept = (now: number): void => {
    const n = ledger.accepted++
    sizes.push(
      Math.max(1, Math.round(queue.rates.messageBytes * (1 + plan.messageSpread * (2 * chance(ownSeed, n) - 1)))),
    )
    ledger.bornAt.push(now)
    ledger.consumed.push(0)
    enter(n)
  }
  const drop = (): void => {
    const n = ready.shift()
    if (n === undefined) return
    bytes -= sizeOf(n)
    ledger.dropped++
  }
  const waits = () => ({ length: ready.length, bytes: queue.readyBytes() })

  /** Limits count waiting messages, not those with consumers: https://www.rabbitmq.com/docs/maxlength */
  const keepTo = (limits: Limits, now: number): void => {
    if (limits.overflow === 'drop-head') while (ready.length > 0 && isOver(limits, waits())) drop()
    if (limits.ttlSeconds === undefined) return
    for (let n = ready.peek(); n !== undefined && now - ledger.bornAt[n]! > limits.ttlSeconds; n = ready.peek()) drop()
  }

  const publish = (now: number, blocked: boolean, limits: Limits): void => {
    if (blocked) return
    due.published += queue.rates.published
    for (; due.published >= 1; due.published--) {
      if (rejects(limits, waits())) queue.last.rejected++
      else {
        accept(now)
        queue.last.published++
      }
    }
  }

  const heldBytes = (): number => {
    let sum = 0
    for (const n of held) sum += sizeOf(n)
    return sum
  }

  /** Back at its head, without those that came back too often. */
  const returned = (numbers: readonly number[]): void => {
    for (const n of numbers) ledger.redelivered.set(n, (ledger.redelivered.get(n) ?? 0) + 1)
    const staying = numbers.filter((n) => ledger.redelivered.get(n)! <= returnsMost)
    ready.unshift(staying)
    ledger.dropped += numbers.length - staying.length
    for (const n of numbers) if (ledger.redelivered.get(n)! > returnsMost) bytes -= sizeOf(n)
  }

  /** The oldest that waits. */
  const deliver = (): number => {
    const n = ready.shift()!
    if (ledger.redelivered.has(n)) ledger.redeliveries++
    return n
  }

  const consume = (): void => {
    const room = queue.rates.consumers * plan.prefetch
    if (held.length > room) {
      // The newest messages of a consumer that is gone come back to the head.
      const all = [...held]
      while (held.length > 0) held.shift()
      for (const n of all.slice(0, room)) held.push(n)
      returned(all.slice(room))
    }
    while (held.length < room && ready.length > 0) held.push(deliver())
    if (queue.rates.consumers === 0) due.consumed = 0
    else due.consumed += queue.rates.consumed
    for (; due.consumed >= 1; due.consumed--) {
      const n = held.shift()
      if (n === undefined) {
        due.consumed = 0
        break
      }
      bytes -= sizeOf(n)
      ledger.consumed[n]!++
      queue.last.acknowledged++
      if (ready.length > 0) held.push(deliver())
    }
    bytesElsewhere = heldBytes()
  }

  const queue: Queue = {
    name,
    plan,
    type: plan.type,
    rates: {
      published: plan.publishedPerSecond,
      messageBytes: plan.messageBytes,
      consumers: plan.consumers,
      consumed: plan.consumedPerSecond,
    },
    ready,
    held,
    bytes: () => bytes,
    readyBytes: () => bytes - bytesElsewhere,
    messages: () => ready.length + held.length + takenNow.size,
    oldestSeconds(now) {
      const n = held.peek() ?? ready.peek()
      return n === undefined ? 0 : now - ledger.bornAt[n]!
    },
    last: { published: 0, rejected: 0, acknowledged: 0 },
    tick(now, blocked, limits) {
      queue.last = { published: 0, rejected: 0, acknowledged: 0 }
      keepTo(limits, now)
      publish(now, blocked, limits)
      keepTo(limits, now)
      consume()
    },
    totals() {
      const published = ledger.accepted + ledger.republishedCount
      const acknowledged = published - ledger.dropped - queue.messages()
      return { published, acknowledged, redelivered: ledger.redeliveries }
    },
    peak(now) {
      let [most, oldest] = [0, ledger.bornAt.findIndex((born) => born > now - HOUR_SECONDS)]
      for (const [n, born] of ledger.bornAt.entries()) {
        if (oldest < 0 || n < oldest) continue
        while (ledger.bornAt[oldest]! <= born - PEAK_SECONDS) oldest++
        most = Math.max(most, n - oldest + 1)
      }
      return most
    },
    flood(count, now) {
      for (let i = 0; i < count; i++) accept(now)
    },
    take(most, bytes = Infinity) {
      const numbers: number[] = []
      let sum = 0
      while (numbers.length < most && sum < bytes && ready.length > 0) {
        numbers.push(deliver())
        sum += sizeOf(numbers.at(-1)!)
      }
      for (const n of numbers) takenNow.add(n)
      return numbers
    },
    taken: () => takenNow,
    giveBack(numbers) {
      for (const n of numbers) takenNow.delete(n)
      returned(numbers)
    },
    remove(numbers) {
      for (const n of numbers) {
        takenNow.delete(n)
        bytes -= sizeOf(n)
        ledger.taken.add(n)
      }
    },
    comeBack(n, limits) {
      if (rejects(limits, waits())) return false
      ledger.republished.add(n)
      ledger.republishedCount++
      enter(n)
      return true
    },
    sizeOf,
    ledger,
  }
  for (let i = 0; i < plan.messagesAtStart; i++) accept(0)
  return queue
}
