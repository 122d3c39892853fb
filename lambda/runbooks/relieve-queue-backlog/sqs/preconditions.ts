// What must be true of SQS queues before their messages are taken, moved, or sent back. docs/runbooks/relieve-queue-backlog.md lists the same rules.
import { enumerate } from '../../../core/words/words.ts'
import type { Precondition } from '../../parts/precondition.ts'
import { grouped, messages, toRemove } from '../backlog.ts'
import type { Options } from '../options.ts'
import { whyWorkedOff } from '../shortage.ts'
import type { SqsQueue } from './queue.ts'

type Rule<Seen> = Precondition<[Seen, Options]>

interface Backlog {
  queue: SqsQueue
  rates: { published?: number; acknowledged?: number }
  signals: readonly string[]
}

/** Asked once more right before the act. */
export const LONG: Rule<Pick<Backlog, 'queue'>> = {
  field: 'ApproximateNumberOfMessages',
  must: 'at least `minMessages`',
  stops({ queue: { name, messages: visible, received } }, { minMessages }) {
    if (visible >= minMessages) return undefined
    const held =
      visible + received >= minMessages
        ? `; ${grouped(received)} more are with consumers and not deleted: restart those, and they come back`
        : ''
    return `${name} does not back up: it holds ${messages(visible)}, and a backlog begins at ${grouped(minMessages)}${held}`
  },
}

const ALIVE: Rule<Backlog> = {
  field:
    'NumberOfMessagesSent, NumberOfMessagesDeleted of the last three minutes, ApproximateNumberOfMessagesNotVisible',
  must: 'its consumers are not about to be through, or nobody receives anything',
  stops: ({ queue: { name, messages: visible }, rates, signals }, { minMessages }) =>
    whyWorkedOff({ name, above: toRemove(visible, minMessages - 1), signals, blocked: false, ...rates }),
}

export const BACKLOG: readonly Rule<Backlog>[] = [LONG, ALIVE]

interface DeadLetters {
  queue: SqsQueue
  from: SqsQueue
  /** Names of the queues that share them. */
  sources: readonly string[]
}

export const DEAD_LETTERS: readonly Rule<DeadLetters>[] = [
  {
    field: 'ApproximateNumberOfMessages of `target.sqs.deadLetters`',
    must: 'more than 0',
    stops: ({ from }) => (from.messages > 0 ? undefined : 'there are no dead letters to send back'),
  },
  {
    field: 'queueUrls of `ListDeadLetterSourceQueues`',
    must: 'the queue is one of them',
    stops: ({ queue, from, sources }) =>
      sources.includes(queue.name) ? undefined : `${from.name} does not get the dead letters of ${queue.name}`,
  },
  {
    field: 'queueUrls of `ListDeadLetterSourceQueues` besides it',
    must: 'all of them in `sharedWith`',
    stops({ queue, from, sources }, { sharedWith }) {
      const others = sources.filter((one) => one !== queue.name && !sharedWith.includes(one))
      return others.length === 0
        ? undefined
        : `${from.name} also holds the dead letters of ${enumerate(others, 10)}, and SQS would send those back as well: allow it with the option sharedWith`
    },
  },
]
