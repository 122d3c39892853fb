// The batching window of intake, which grows with the index. Each commit writes the whole index, and DynamoDB takes 1,000 write units a second for
// an item. Lambda's own window cannot depend on anything, and delays even the first alarm of a quiet hour, by up to 20 seconds:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
import { INTAKE } from '../core/facts/queues.ts'
import type { Inbox, Incoming, Received } from '../ports/runtime.ts'
import { memoryOf } from '../store/memory.ts'
import { intake, type Slice, type Taken } from './intake.ts'

const { fromBytes, fullBytes, mostMs, most } = INTAKE.window

/** How long it waits for more, in ms, counted from the last commit: what comes alone does not wait. Undefined: it takes what it was given. */
export function windowOf(bytes: number): number | undefined {
  if (bytes < fromBytes) return undefined
  return Math.round(Math.min(1, (bytes - fromBytes) / (fullBytes - fromBytes)) * mostMs)
}

/** Between two looks at a queue that seems to be empty. */
const LOOK_MS = 100

/** These messages and, while the index is long, more of the queue with them. Of what it received itself, nothing is left to the caller. */
export async function takeIn(runtime: Slice & { inbox: Inbox }, given: readonly Incoming[]): Promise<Taken> {
  const more = await gather(runtime, most - given.length)
  const taken = await intake(runtime, [...given, ...more])
  const failed = new Set(taken.failed)
  const done = more.filter(({ id }) => !failed.has(id))
  // An alarm that stays although it was taken in comes again, and changes nothing then.
  if (done.length > 0)
    await runtime.inbox
      .remove(done)
      .catch((error: unknown) => runtime.log('warn', 'messages come again', { error: String(error) }))
  return { ...taken, failed: given.map(({ id }) => id).filter((id) => failed.has(id)) }
}

async function gather({ table, clock, inbox, log }: Slice & { inbox: Inbox }, room: number): Promise<Received[]> {
  const { known, committedAt = -Infinity } = memoryOf(table)
  const window = windowOf(known?.read.size ?? 0)
  if (window === undefined) return []
  const until = committedAt + window
  const atMost = clock.now() + mostMs
  const received: Received[] = []
  try {
    while (received.length < room && clock.now() < atMost) {
      const some = await inbox.receive(room - received.length)
      received.push(...some)
      const left = until - clock.now()
      if (some.length === 0 && left <= 0) break
      if (some.length === 0) await clock.sleep(Math.min(left, LOOK_MS))
    }
  } catch (error) {
    log('warn', 'no more messages could be received', { error: String(error) })
  }
  return received
}
