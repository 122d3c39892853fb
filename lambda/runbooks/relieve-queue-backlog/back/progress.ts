// Sending kept messages back, once each: how far it got, and what became of those in flight when it was stopped.
import { record } from '../../../core/json.ts'
import type { KeptLine } from '../kept/kept.ts'

/** The header that marks a message as sent back: its value is the copy's id. */
export const ID_HEADER = 'x-tocsin-id'

/** Positions of messages in queue order, from 0. All below `done` were sent and confirmed, except those listed. */
export interface Progress {
  done: number
  /** Certainly not sent. */
  unsent: number[]
  /** May have been sent: they were in flight. */
  open: number[]
  /** May have been sent, and nobody can find out anymore. */
  uncertain: number[]
  /** It finished by itself: nobody is working on it. */
  ended: boolean
  /** Counts how often it was written: it rises while somebody is working on it. */
  writes: number
}

export const leftIn = ({ done, unsent }: Progress, { count }: { count: number }): number => count - done + unsent.length

export const NOTHING_SENT: Progress = { done: 0, unsent: [], open: [], uncertain: [], ended: true, writes: 0 }

export interface Looked {
  /** Positions that were found in the queue. */
  found: ReadonlySet<number>
  consumers: number
}

export interface Fate {
  sent: number[]
  send: number[]
  uncertain: number[]
}

/**
 * What became of the messages in flight. They were sent in order, to the end of the queue, and consumers take from its head: if the one before
 * them is still there, nothing after it was taken; and whatever follows the last one there never arrived. Undefined: nobody could look.
 */
export function fateOf({ open, unsent }: Pick<Progress, 'open' | 'unsent'>, looked: Looked | undefined): Fate {
  if (!looked) return { sent: [], send: [], uncertain: open }
  const { found, consumers } = looked
  const first = Math.min(...open)
  const notThere = new Set([...open, ...unsent])
  const before = [...Array(first).keys()].findLast((place) => !notThere.has(place))
  const isUntouched = before === undefined ? consumers === 0 : found.has(before)
  const last = Math.max(-1, ...open.filter((place) => found.has(place)))
  const missing = open.filter((place) => !found.has(place))
  const never = missing.filter((place) => isUntouched || (last >= 0 && place > last))
  return {
    sent: open.filter((place) => found.has(place)),
    send: never,
    uncertain: missing.filter((place) => !never.includes(place)),
  }
}

/** Five batches a second are smooth enough; larger ones would leave more in doubt. */
export const batchSize = (perSecond: number): number => Math.min(500, Math.max(1, Math.round(perSecond / 5)))

/** As it is sent: with its id. A table that JSON cannot hold as an object is a list of pairs. */
export function marked({ id, ...message }: KeptLine): Omit<KeptLine, 'id'> {
  const headers = record(message.properties['headers']) ?? {}
  const table = headers['$table']
  const more = Array.isArray(table)
    ? { $table: [...(table as unknown[]), [ID_HEADER, id]] }
    : { ...headers, [ID_HEADER]: id }
  return { ...message, properties: { ...message.properties, headers: more } }
}

/** The id that a message in the queue carries. */
export function idIn({ properties }: Pick<KeptLine, 'properties'>): string | undefined {
  const headers = record(properties['headers']) ?? {}
  const table = headers['$table']
  const id = Array.isArray(table)
    ? (table as [string, unknown][]).find(([name]) => name === ID_HEADER)?.[1]
    : headers[ID_HEADER]
  return typeof id === 'string' ? id : undefined
}
