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
  /** What was told could not be read: the message is looked for. */
  isLost?: true
  /** So many lines in other places have been told of this message: they link to it. */
  announced?: number
  /** Of a line: the message that it links to, empty if there was none; and the hash of what it shows, unset while an edit is on its way. */
  home?: string
  looks?: string
  /** It refuses messages for so long that the common channel stands in for it. */
  isReplaced?: true
  /** When something was last sent about it, in ms. */
  sentAt?: Partial<Record<Lane, number>>
  refused?: Partial<Record<Does, Refusal>>
  /** When the incident left the index, in ms, and the `change` that it had then. */
  left?: number
  final?: number
}

export type Does = 'post' | 'reply' | 'update'

/** Posts and replies have one pace, edits another. */
export type Lane = 'post' | 'edit'

/** What a message will show, and how it is found again. */
export interface Intent {
  what: 'post' | 'reply'
  at: number
  tag: string
  shown: number
  as?: Status
  upTo: number
}

/** What was refused, and when it is tried again; in ms. */
export interface Refusal {
  reason: string
  tries: number
  until: number
  /** The `change` that was to be told. */
  change: number
}

export const UNTOLD: Told = { shown: 0, threaded: 0 }

/** Nothing is on its way any more. */
export function landed({ sending: _, isLost: __, ...told }: Told): Told {
  return told
}

/** So many attempts are made by themselves; after that, one whenever the incident has changed or something else is told there. */
const MOST_TRIES = 6

export const isGivenUp = (refused: Refusal | undefined, change: number): boolean =>
  refused !== undefined && refused.tries >= MOST_TRIES && refused.change === change

const FIRST_MS = 5_000
const LONGEST_MS = 60_000

/** How far the next attempt is from one that was refused: three times as far each time, and never more than a minute. `tries`: so far. */
export const refusedFor = (tries: number): number => Math.min(LONGEST_MS, FIRST_MS * 3 ** (tries - 1))

/** A refusal that follows on `known`. */
export function refusedAgain(
  known: Refusal | undefined,
  { reason, change, now }: { reason: string; change: number; now: number },
): Refusal {
  const tries = known?.change === change ? known.tries + 1 : 1
  return { reason, tries, until: now + refusedFor(tries), change }
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
