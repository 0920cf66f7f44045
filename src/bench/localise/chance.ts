/** Chance for made-up data: repeatable from a seed and fast enough for millions of rows. Never for ids, keys or money. Pure. */

/** Draws numbers; the same seed draws the same ones on every machine. */
export interface Chance {
  /** In [0, 1). */
  unit(): number;
  /** In [from, to). */
  between(from: number, to: number): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** Mean 0, deviation 1. */
  normal(): number;
  /** A count with this mean. */
  poisson(mean: number): number;
}

/** Above this mean a count is drawn from the normal distribution: the difference is below a percent. */
const POISSON_MEAN_MAX = 60;

/** Chance from a seed: sfc32 (Doty-Humphrey), normals by Box and Muller, counts by Knuth. */
export function chanceOf(seed: number): Chance {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed >>> 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let skip = 0; skip < 16; skip++) next();
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    unit: next,
    between: (from, to) => from + (to - from) * next(),
    whole: (from, to) => from + Math.floor((to - from + 1) * next()),
    normal,
    poisson(mean) {
      if (mean > POISSON_MEAN_MAX)
        return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count++;
      return count;
    },
  };
}
