// What became of each message that a broker has accepted.

/** `bornAt` (second of the drill) and `consumed` (how often) by the message's number. */
export interface Ledger {
  accepted: number
  bornAt: number[]
  consumed: number[]
  /** Removed by whoever took it. */
  taken: Set<number>
  republished: Set<number>
  republishedCount: number
  dropped: number
  /** Delivered before, and returned: how often. */
  redelivered: Map<number, number>
  /** Deliveries of those. */
  redeliveries: number
}

export const newLedger = (): Ledger => ({
  accepted: 0,
  bornAt: [],
  consumed: [],
  taken: new Set(),
  republished: new Set(),
  republishedCount: 0,
  dropped: 0,
  redelivered: new Map(),
  redeliveries: 0,
})
