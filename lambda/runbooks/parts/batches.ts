// How many at a time.

/** A share of all, at least one. */
export const batchOf = (count: number, percent: number): number => Math.max(1, Math.floor((count * percent) / 100))
