// Messages are held, unacknowledged, until their copy is stored. To give them back has its price: a quorum queue drops what comes back too often.
import { reasonOf } from '../../../core/words/words.ts'
import { messages as inWords } from '../backlog.ts'
import type { BrokerMessage } from '../../../ports/broker.ts'
import { Refused, type Tools } from '../../runbook.ts'

/** How long the store may refuse while messages are held; the broker waits 30 minutes for its consumers. */
const PATIENCE_SECONDS = 60
/** And if giving them back would lose them: nearly as long as a turn may take. */
const LAST_PATIENCE_SECONDS = 200
const PAUSE_SECONDS = { first: 1, most: 10 }

/** Whether the queue drops some of these if they are given back once more. `returns`: how often it lets a message be given back. */
export const isLastChance = (messages: readonly BrokerMessage[], returns: number | undefined): boolean =>
  returns !== undefined && returnsOf(messages) >= returns

/** How often the message of these that came back most often did so: quorum queues count it in a header. */
const returnsOf = (messages: readonly BrokerMessage[]): number =>
  messages.reduce((most, { properties }) => Math.max(most, countIn(properties)), 0)

function countIn({ headers }: Record<string, unknown>): number {
  const count = (headers as Record<string, unknown> | undefined)?.['x-delivery-count']
  return typeof count === 'number' ? count : 0
}

interface Held {
  key: string
  text: string
  /** Messages that are held meanwhile. */
  count: number
  /** Giving them back would lose them. @default false */
  isLast?: boolean
  /** Called before each further try: what is held must not come back by itself meanwhile. */
  holdOn?(): Promise<void>
}

/** Tries again and again while the messages are held, and throws `Refused` in the end: each further try of the whole turn would give them back once more. */
export async function storePatiently(tools: Tools, { key, text, count, isLast = false, holdOn }: Held): Promise<void> {
  const until = tools.now() + (isLast ? LAST_PATIENCE_SECONDS : PATIENCE_SECONDS) * 1000
  for (let pause = PAUSE_SECONDS.first; ; pause = Math.min(pause * 2, PAUSE_SECONDS.most)) {
    try {
      return await tools.evidence.put(key, text)
    } catch (error) {
      if (error instanceof Refused) throw error
      if (tools.now() + pause * 1000 > until)
        throw new Refused(
          `no copy could be stored (${reasonOf(error)}): the ${inWords(count)} that were taken go back to the queue`,
        )
      await tools.pause(pause)
      await holdOn?.()
    }
  }
}
