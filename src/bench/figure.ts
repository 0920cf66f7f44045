/** What a benchmark says of its samples. Pure. */

/** The value below which `share` of the samples lie; 0 for none. Any order; the samples stay as they are. */
export function quantile(samples: readonly number[], share: number): number {
  const ascending = samples.toSorted((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}

/** The middle of the samples, the mean of the two middle ones of an even number; 0 for none. */
export function median(samples: readonly number[]): number {
  const ascending = samples.toSorted((a, b) => a - b);
  const half = ascending.length >> 1;
  const upper = ascending[half] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[half - 1] ?? 0) + upper) / 2;
}

/** Rounded to `digits` after the point, for people and JSON. */
export function round(value: number, digits = 0): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
