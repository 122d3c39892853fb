// What a place was told of one incident, or of messages that could not be read.
import type { Status } from '../incident/status.ts'

export interface Told {
  /** The message, as the way out names it; unset while there is none. */
  ref?: string
  /** The `change` that the message shows, and `as`, the status it shows. */
  shown: number
  as?: Status
  /** How many entries of the timeline, counted from its very first, are in the thread. */
  threaded: number
  /** On its way: whether it arrived is not known, and it is looked for before it is sent again. */
  sending?: Intent
  /** When something was last sent about it, in ms. */
  sentAt?: Partial<Record<Lane, number>>
  refused?: Refusal
}

/** What a message will show, and how it is found again. */
export interface Intent {
  what: 'post' | 'reply'
  at: number
  tag: string
  shown: number
  as?: Status
  upTo: number
}

/** What was refused, and when it is tried again, in ms. */
export interface Refusal {
  reason: string
  since: number
  tries: number
  until: number
}

/** Posts and replies have one pace, edits another. */
export type Lane = 'post' | 'edit'

export const UNTOLD: Told = { shown: 0, threaded: 0 }

/** So often it is tried again by itself; after that, whenever something else is told there. */
const MOST_TRIES = 5

export const isGivenUp = ({ refused }: Told): boolean => (refused?.tries ?? 0) > MOST_TRIES

const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 60_000

/** A refusal that follows on `known`: the next attempt is three times as far away, and never more than a minute. */
export function refusedAgain(known: Refusal | undefined, reason: string, now: number): Refusal {
  const tries = (known?.tries ?? 0) + 1
  const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 3 ** (tries - 1))
  return { reason, since: known?.since ?? now, tries, until: now + waitMs }
}

/** What versions up to 0.1.0 kept in the incident itself, for their only channel. */
export interface KeptByOld {
  ts?: string
  shown: number
  as?: Status
  threaded: number
  sending?: { what: 'post' | 'reply'; at: number; upTo: number }
}

/** Undefined if it says nothing. `of`: as the old version tagged its messages. */
export function adopted(old: KeptByOld | undefined, of: string): Told | undefined {
  if (!old || (old.ts === undefined && old.sending === undefined)) return undefined
  const { ts, sending, ...same } = old
  const tag = sending?.what === 'reply' ? `${of}/${sending.upTo}` : of
  return {
    ...same,
    ...(ts !== undefined && { ref: ts }),
    // What the message shows is not known: it is edited once it is found.
    ...(sending && { sending: { ...sending, tag, shown: 0 } }),
  }
}
