/** Median and median absolute deviation: what one wild hour cannot move. Pure. */

/** The middle; the mean of the two middle ones; 0 of none. */
export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const half = ascending.length >> 1;
  const upper = ascending[half] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[half - 1] ?? 0) + upper) / 2;
}

/** The median distance from the median. */
export function medianDeviation(values: readonly number[], middle = median(values)): number {
  return median(values.map((value) => Math.abs(value - middle)));
}
