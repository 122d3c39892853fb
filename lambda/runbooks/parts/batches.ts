// How many to take at a time.

/** A percentage of all, but at least one. */
export const batchOf = (count: number, percent: number): number => Math.max(1, Math.floor((count * percent) / 100))
