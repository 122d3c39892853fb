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

/** `work`: on one message, of which only the group matters. `atOnce`: how many are worked on at the same time, each of another group. */
export function fifo(
  clock: Pick<VirtualClock, 'now' | 'at'>,
  atOnce: number,
  work: (group: string) => Promise<void>,
): Fifo {
  const waiting: { group: string; receives: number }[] = []
  const locked = new Set<string>()
  const deadLetters: string[] = []
  let running = 0

  const next = async (): Promise<void> => {
    if (running >= atOnce) return
    const place = waiting.findIndex(({ group }) => !locked.has(group))
    const message = waiting[place]
    if (!message) return
    const receivedAt = clock.now()
    message.receives++
    locked.add(message.group)
    running++
    const release = (): Promise<void> => {
      locked.delete(message.group)
      return next()
    }
    try {
      await work(message.group)
      waiting.splice(waiting.indexOf(message), 1)
      running--
      await release()
    } catch {
      running--
      clock.at(Math.max(clock.now(), receivedAt + VISIBILITY_SECONDS * 1000), () => {
        if (message.receives >= MOST_RECEIVES)
          deadLetters.push(...waiting.splice(waiting.indexOf(message), 1).map(({ group }) => group))
        return release()
      })
    }
  }
  return {
    deadLetters,
    send(group) {
      waiting.push({ group, receives: 0 })
      clock.at(clock.now(), next)
    },
  }
}
