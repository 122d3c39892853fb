// An SQS FIFO queue with a Lambda behind it, on a virtual clock, as unkind as the real one.
//
// While a message of a group is being worked on, nobody gets another of that group. One that failed stays invisible, and its group with it, until the
// visibility timeout has passed since it was received. After so many receives it becomes a dead letter.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
import { MOST_RECEIVES, VISIBILITY_SECONDS } from '../lambda/core/facts/queues.ts'
import type { VirtualClock } from './clock.ts'

export interface Fifo {
  send(group: string): void
  /** Groups of the messages that were given up. */
  readonly deadLetters: readonly string[]
}

interface Group {
  name: string
  /** When its messages were sent, in order: they differ in nothing else. */
  sent: number[]
  /** How often the first of them was received. */
  receives: number
  isLocked: boolean
}

/** `work`: on one message, of which only the group matters. `atOnce`: how many are worked on at the same time, each of another group. */
export function fifo(
  clock: Pick<VirtualClock, 'now' | 'at'>,
  atOnce: number,
  work: (group: string) => Promise<void>,
): Fifo {
  const groups = new Map<string, Group>()
  const deadLetters: string[] = []
  let running = 0
  let order = 0

  /** That of the oldest message that may be received. */
  const ready = (): Group | undefined => {
    let first: Group | undefined
    for (const group of groups.values())
      if (!group.isLocked && group.sent.length > 0 && (!first || group.sent[0]! < first.sent[0]!)) first = group
    return first
  }
  const done = (group: Group): void => {
    group.sent.shift()
    group.receives = 0
  }
  const next = async (): Promise<void> => {
    if (running >= atOnce) return
    const group = ready()
    if (!group) return
    const receivedAt = clock.now()
    group.receives++
    group.isLocked = true
    running++
    const release = (): Promise<void> => {
      group.isLocked = false
      return next()
    }
    try {
      await work(group.name)
      done(group)
      running--
      await release()
    } catch {
      running--
      clock.at(Math.max(clock.now(), receivedAt + VISIBILITY_SECONDS * 1000), () => {
        if (group.receives >= MOST_RECEIVES) {
          deadLetters.push(group.name)
          done(group)
        }
        return release()
      })
    }
  }
  return {
    deadLetters,
    send(name) {
      const group = groups.get(name) ?? { name, sent: [], receives: 0, isLocked: false }
      groups.set(name, group)
      group.sent.push(order++)
      clock.at(clock.now(), next)
    },
  }
}
