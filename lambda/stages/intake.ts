// Intake: reads what CloudWatch said, puts it into incidents, and says that something changed.
import type { Change } from '../core/incident/alarm.ts'
import { correlate, type Fate, type Outcome } from '../core/correlate/correlate.ts'
import type { Board } from '../core/incident/board.ts'
import { rung, unanswered, withHeartbeat, withoutOwn } from '../core/watchdog/heartbeat.ts'
import { readBody, type Reading } from '../core/intake/envelopes.ts'
import { sampleOf, withUnreadable, type Sample } from '../core/intake/unreadable.ts'
import { follow } from '../store/change-and-tell.ts'
import { change } from '../store/board.ts'
import type { Runtime } from '../ports/runtime.ts'

export interface Incoming {
  id: string
  body: string
}

/** What became of a message: for replay and for logs. */
export type Result = { id: string; fate: Fate | { unreadable: string } }

export interface Taken {
  results: Result[]
  /** Ids of messages that have to come again. */
  failed: string[]
}

/** For one line of log a batch: which message went where. */
export const summaryOf = (results: readonly Result[]): Record<string, unknown> => ({
  incidents: [...new Set(results.flatMap(({ fate }) => ('incident' in fate ? [fate.incident] : [])))],
  messages: results.length,
  notTaken: results.flatMap(({ id, fate }) => ('incident' in fate ? [] : [{ id, ...fate }])),
})

type Slice = Pick<
  Runtime,
  'table' | 'clock' | 'notices' | 'deadLetters' | 'timers' | 'runs' | 'rules' | 'log' | 'heartbeat'
>

/** A batch in one write. Where that fails, each message on its own, so that one bad message holds back no other. */
export async function intake(runtime: Slice, messages: readonly Incoming[]): Promise<Taken> {
  try {
    return { results: await take(runtime, messages), failed: [] }
  } catch (error) {
    if (messages.length <= 1) {
      runtime.log('error', 'a message could not be taken in and comes again', { error: String(error) })
      return { results: [], failed: messages.map(({ id }) => id) }
    }
    const taken: Taken = { results: [], failed: [] }
    for (const message of messages) {
      const { results, failed } = await intake(runtime, [message])
      taken.results.push(...results)
      taken.failed.push(...failed)
    }
    return taken
  }
}

async function take(runtime: Slice, messages: readonly Incoming[]): Promise<Result[]> {
  const now = runtime.clock.now()
  const heard = messages.map((message) => ({ ...message, reading: readBody(message.body, now) }))
  const readings = heard.map((message) => ({ ...message, reading: withoutOwn(message.reading) }))
  const unreadable = readings.filter(is('unreadable'))
  for (const { body, reading } of unreadable) await runtime.deadLetters.keep(body, reading.reason)

  const alarms = readings.filter(is('alarm'))
  const changes = alarms.map(({ reading }) => reading.change)
  const rungAt = rung(
    heard.map(({ reading }) => reading),
    runtime.heartbeat,
  )
  const outcome = await settle(runtime, { changes, unreadable: unreadable.map(sampleOf), rungAt }, now)
  if (outcome) await tell(runtime, outcome.board, outcome, now)

  const fates = new Map(alarms.map(({ id }, place) => [id, outcome!.fates[place]!]))
  return readings.map(({ id, reading }) => ({
    id,
    fate:
      reading.is === 'alarm'
        ? fates.get(id)!
        : reading.is === 'ignored'
          ? { ignored: reading.reason }
          : { unreadable: reading.reason },
  }))
}

interface News {
  changes: readonly Change[]
  unreadable: readonly Sample[]
  /** When Tocsin's own heartbeat rang, if it did. */
  rungAt: number | undefined
}

/** One write of the board. Undefined where there is nothing to write. */
async function settle(runtime: Slice, news: News, now: number): Promise<Outcome | undefined> {
  const { changes, unreadable, rungAt } = news
  const messages = changes.length + unreadable.length
  if (messages === 0 && rungAt === undefined) return undefined
  let opened = 0
  const outcome = await change(runtime, [...new Set(changes.map(({ key }) => key))], (known): Outcome => {
    const next = correlate(known.board, known.alarms, changes, runtime.rules, now)
    opened = next.board.nextId - known.board.nextId
    return { ...next, board: withHeartbeat(withUnreadable(next.board, unreadable, now), rungAt, now) }
  })
  const counts = { AlarmsIn: changes.length, IncidentsOpened: opened, Unreadable: unreadable.length }
  if (messages > 0) runtime.log('info', 'took in alarms', { messages }, counts)
  return outcome
}

/** Also for what was known already: the one who knew it may have crashed before telling. */
async function tell(runtime: Slice, board: Board, { fates, touched }: Outcome, now: number): Promise<void> {
  const ids = new Set(touched)
  for (const fate of fates) if ('incident' in fate) ids.add(fate.incident)
  await follow(runtime, board, ids, now)
  if (ids.size > 0 || board.unreadable || unanswered(board)) await runtime.notices.changed()
}

const is =
  <K extends Reading['is']>(kind: K) =>
  <T extends { reading: Reading }>(item: T): item is T & { reading: Extract<Reading, { is: K }> } =>
    item.reading.is === kind
