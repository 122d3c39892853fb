// How many tasks or instances more.

/** At least one more, never above the most; the same where that is reached. */
export const more = (count: number, byPercent: number, most: number): number =>
  Math.max(count, Math.min(most, count + Math.max(1, Math.ceil((count * byPercent) / 100))))
