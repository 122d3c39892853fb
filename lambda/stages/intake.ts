// Intake: reads what CloudWatch sent, correlates it into incidents, and announces that something changed.
import type { Change } from '../core/incident/alarm.ts'
import { correlate, type Fate } from '../core/correlate/correlate.ts'
import { mayBeJoined } from '../core/correlate/join.ts'
import { markHeartbeat, rung, unanswered, withoutOwn } from '../core/watchdog/heartbeat.ts'
import { readBody, type Reading } from '../core/intake/envelopes.ts'
import { markIgnored } from '../core/services/ignored.ts'
import { markUnreadable, sampleOf, type Sample } from '../core/intake/unreadable.ts'
import { reasonOf } from '../core/words/words.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'
import type { Incoming, Runtime } from '../ports/runtime.ts'

/** Where a message went, for replay and logs. */
export type Result = { id: string; fate: Fate | { unreadable: string } }

export interface Taken {
  results: Result[]
  /** Ids of messages that must be delivered again. */
  failed: string[]
}

/** For one log line per batch: which message went where. */
export const summaryOf = (results: readonly Result[]): Record<string, unknown> => ({
  incidents: [...new Set(results.flatMap(({ fate }) => ('incident' in fate ? [fate.incident] : [])))],
  messages: results.length,
  notTaken: results.flatMap(({ id, fate }) => ('incident' in fate ? [] : [{ id, ...fate }])),
})

export type Slice = DoorSlice & Pick<Runtime, 'deadLetters' | 'log' | 'heartbeat'>

/** When a table that fails slowly has used up so much of a run's time, what is left comes again. */
const GIVES_UP_AFTER_MS = 12_000

/** A batch in one write. If that fails, each half of it, so that one bad message does not hold back the others. */
export async function intake(
  runtime: Slice,
  messages: readonly Incoming[],
  until = runtime.clock.now() + GIVES_UP_AFTER_MS,
): Promise<Taken> {
  try {
    return { results: await take(runtime, messages), failed: [] }
  } catch (error) {
    if (messages.length <= 1 || runtime.clock.now() >= until) {
      runtime.log('error', 'messages could not be taken in and come again', {
        error: String(error),
        messages: messages.length,
      })
      return { results: [], failed: messages.map(({ id }) => id) }
    }
    const middle = messages.length >> 1
    const first = await intake(runtime, messages.slice(0, middle), until)
    const second = await intake(runtime, messages.slice(middle), until)
    return { results: [...first.results, ...second.results], failed: [...first.failed, ...second.failed] }
  }
}

async function take(runtime: Slice, messages: readonly Incoming[]): Promise<Result[]> {
  const now = runtime.clock.now()
  const heard = messages.map((message) => ({ ...message, reading: readAlone(message, now) }))
  const readings = heard.map((message) => ({ ...message, reading: withoutOwn(message.reading, runtime.rules) }))
  const unreadable = readings.filter(is('unreadable'))
  for (const { body, reading } of unreadable) await runtime.deadLetters.keep(body, reading.reason)

  const alarms = readings.filter(is('alarm'))
  const rungAt = rung(
    heard.map(({ reading }) => reading),
    runtime.heartbeat,
  )
  const changes = alarms.map(({ reading }) => reading.change)
  const decided = await takeIn(runtime, { changes, unreadable: unreadable.map(sampleOf), rungAt })
  const fates = new Map(alarms.map(({ id }, place) => [id, decided[place]!]))
  return readings.map(({ id, reading }) => ({ id, fate: fateOf(reading, fates.get(id)) }))
}

/** Whoever marked it first may have crashed before announcing it. */
const NEW_MS = 600_000
const isNew = (mark: { since: number } | undefined, now: number): boolean =>
  mark !== undefined && now - mark.since < NEW_MS

/** Whatever one message does, the others are read. */
function readAlone({ body, sentAt }: Incoming, now: number): Reading {
  try {
    return readBody(body, sentAt ?? now)
  } catch (error) {
    return { is: 'unreadable', reason: `it cannot be read: ${reasonOf(error)}` }
  }
}

const fateOf = (reading: Reading, decided: Fate | undefined): Result['fate'] =>
  reading.is === 'alarm'
    ? decided!
    : reading.is === 'ignored'
      ? { ignored: reading.reason }
      : { unreadable: reading.reason }

interface Heard {
  changes: readonly Change[]
  unreadable: readonly Sample[]
  /** When Tocsin's own heartbeat rang, if it did. */
  rungAt: number | undefined
}

/** One write of the board for all of them. Returns one fate per change. */
async function takeIn(runtime: Slice, { changes, unreadable, rungAt }: Heard): Promise<readonly Fate[]> {
  const messages = changes.length + unreadable.length
  if (messages === 0 && rungAt === undefined) return []
  const { fates, opened } = await throughDoor(runtime, {
    keys: changes.flatMap(({ key, related = [] }) => [key, ...related.map((one) => one.key)]),
    needs: (index) => mayBeJoined(index, changes, runtime.rules),
    move(draft, alarms) {
      const before = draft.board.nextId
      const fates = correlate(draft, alarms, changes)
      markUnreadable(draft, unreadable)
      markIgnored(draft, changes)
      markHeartbeat(draft, rungAt)
      // What resolved its incident and let it leave is ignored when it comes again.
      const last = changes.flatMap(({ key }, place) =>
        'ignored' in fates[place]! ? (alarms.get(key)?.incident ?? []) : [],
      )
      return { fates, last, opened: draft.board.nextId - before }
    },
    // Also changes that were known already: whoever took them in may have crashed before announcing them.
    about: ({ fates, last }) => [...last, ...fates.flatMap((fate) => ('incident' in fate ? [fate.incident] : []))],
    tells: (board) =>
      board.unreadable !== undefined || isNew(board.ignored, runtime.clock.now()) || unanswered(board) !== undefined,
  })
  const counts = { AlarmsIn: changes.length, IncidentsOpened: opened, Unreadable: unreadable.length }
  if (messages > 0) runtime.log('info', 'took in alarms', { messages }, counts)
  return fates
}

const is =
  <K extends Reading['is']>(kind: K) =>
  <T extends { reading: Reading }>(item: T): item is T & { reading: Extract<Reading, { is: K }> } =>
    item.reading.is === kind
