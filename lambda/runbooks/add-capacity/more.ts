// How many tasks or instances there will be.

/** At least one more, never above `most`; unchanged once that is reached. */
export const more = (count: number, byPercent: number, most: number): number =>
  Math.max(count, Math.min(most, count + Math.max(1, Math.ceil((count * byPercent) / 100))))
