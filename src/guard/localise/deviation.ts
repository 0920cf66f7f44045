/** How far each leaf is from its forecast, and how far a healthy leaf of its size usually is. Pure.
 *
 * A leaf's deviation is 2 (predict - real) / (predict + real), from -2 (nothing was expected) to 2 (nothing came): the same for every leaf of a
 * cause that takes an equal share of each (Squeeze's "ripple effect"), for sums and for ratios. Causes push to one side; the
 * noise of the other side is therefore what healthy leaves look like (RiskLoc's cutoff builds on the same thought). */
import { rowCount, type LeafTable } from './table.ts';

/** Leaves that say something, each with its deviation and the weight that makes the noise of all of them alike. */
export interface Leaves {
  /** Row of the table. */
  readonly rows: Int32Array;
  readonly deviation: Float64Array;
  /** Class of size, from real plus predicted (of the denominator of a ratio): what noise depends on. */
  readonly stratum: Uint8Array;
}

/** Leaves with neither flow nor forecast say nothing and are left out; so are those of a ratio without a denominator. */
export function leavesOf(table: LeafTable): Leaves {
  const rows = new Int32Array(rowCount(table));
  const deviation = new Float64Array(rows.length);
  const size = new Float64Array(rows.length);
  const { measure, denominator } = table;
  let count = 0;
  let sum = 0;
  for (let row = 0; row < rows.length; row++) {
    let real = measure.real[row]!;
    let predict = measure.predict[row]!;
    let weight = real + predict;
    if (denominator) {
      const realBelow = denominator.real[row]!;
      const predictBelow = denominator.predict[row]!;
      if (realBelow === 0 || predictBelow === 0) continue;
      real /= realBelow;
      predict /= predictBelow;
      weight = realBelow + predictBelow;
    }
    const total = predict + real;
    if (total === 0) continue;
    rows[count] = row;
    deviation[count] = (2 * (predict - real)) / total;
    size[count++] = weight;
    sum += weight;
  }
  return {
    rows: rows.subarray(0, count),
    deviation: deviation.subarray(0, count),
    stratum: Uint8Array.from(size.subarray(0, count), (one) => stratumOf((one * count) / sum)),
  };
}

/** What healthy leaves look like. */
export interface Healthy {
  /** Typical deviation of a healthy leaf, per stratum. */
  readonly scaleOf: Float64Array;
  /** Log of the density of a deviation among healthy leaves of the stratum. */
  logDensity(deviation: number, stratum: number): number;
}

/** Sizes are sorted into so many strata of equal width in the logarithm. */
const STRATA = 32;
const STRATUM_WIDTH = Math.LN2;
/** A stratum with fewer leaves takes the scale of its neighbours. */
const STRATUM_LEAVES_MIN = 400;
/** Forecasts without any error: below this nothing counts as a deviation. */
const SCALE_MIN = 1e-3;
/** The median of |x| of a normal distribution with deviation 1. */
const MEDIAN_OF_NORMAL = 0.6745;

/** Reads the noise from the leaves that are still open: what lies on one side is judged by the noise of the other. */
export function healthyOf(leaves: Leaves, isOpen: Uint8Array): Healthy {
  const up = noiseOf(leaves, { side: 1, isOpen });
  const down = noiseOf(leaves, { side: -1, isOpen });
  return {
    // The side on which causes push is wider than the noise.
    scaleOf: up.scaleOf.map((scale, stratum) => Math.min(scale, down.scaleOf[stratum]!)),
    logDensity(deviation, stratum) {
      const { scaleOf, logDensity } = deviation > 0 ? down : up;
      const scale = scaleOf[stratum]!;
      // Half of the healthy leaves lie on each side.
      return logDensity(Math.abs(deviation) / scale) - Math.log(2 * scale);
    },
  };
}

interface Noise {
  readonly scaleOf: Float64Array;
  /** Of |deviation| / scale. */
  readonly logDensity: (standard: number) => number;
}

/** The noise of one side; leaves exactly on their forecast lie on both. */
function noiseOf(
  leaves: Leaves,
  input: { readonly side: 1 | -1; readonly isOpen: Uint8Array },
): Noise {
  const { deviation, stratum } = leaves;
  const isHere = (at: number): boolean =>
    input.isOpen[at] === 1 && deviation[at]! * input.side >= 0;
  const scaleOf = scalesOf({ deviation, stratum, isHere });
  const standard = new Float64Array(deviation.length);
  let count = 0;
  for (let at = 0; at < deviation.length; at++)
    if (isHere(at)) standard[count++] = Math.abs(deviation[at]!) / scaleOf[stratum[at]!]!;
  return { scaleOf, logDensity: hazardOf(standard.subarray(0, count)) };
}

/** `size` in units of the mean, so that the currency does not matter. */
function stratumOf(size: number): number {
  return Math.max(0, Math.min(STRATA - 1, Math.floor(Math.log(size) / STRATUM_WIDTH) + STRATA - 8));
}

/** Deviations are counted in steps of 1/1024 to find medians without sorting each stratum. */
const STEPS = 2_048;
const STEP = 2 / STEPS;

function scalesOf(input: {
  readonly deviation: Float64Array;
  readonly stratum: Uint8Array;
  readonly isHere: (at: number) => boolean;
}): Float64Array {
  const { deviation, stratum, isHere } = input;
  const counts = new Float64Array(STRATA * (STEPS + 1));
  const totals = new Float64Array(STRATA);
  for (let at = 0; at < deviation.length; at++) {
    if (!isHere(at)) continue;
    const step = Math.floor(Math.abs(deviation[at]!) / STEP);
    // A leaf exactly on its forecast lies on both sides.
    const leaf = deviation[at] === 0 ? 0.5 : 1;
    counts[stratum[at]! * (STEPS + 1) + step]! += leaf;
    totals[stratum[at]!]! += leaf;
  }
  // From here on a row holds its own stratum and all below it.
  for (let at = STEPS + 1; at < counts.length; at++) counts[at]! += counts[at - STEPS - 1]!;
  const leavesOf = totals.map((_, stratum) =>
    totals.slice(0, stratum + 1).reduce((a, b) => a + b, 0),
  );
  let scale = SCALE_MIN;
  let last = '';
  return Float64Array.from({ length: STRATA }, (_, stratum) => {
    const range = rangeOf(leavesOf, stratum);
    if (String(range) === last) return scale;
    last = String(range);
    scale = Math.max(SCALE_MIN, medianOf(counts, range) / MEDIAN_OF_NORMAL);
    return scale;
  });
}

/** The stratum and as many neighbours on both sides as it takes to have enough leaves. `below[s]` counts the leaves of stratum s and under it. */
function rangeOf(below: Float64Array, stratum: number): readonly [from: number, to: number] {
  for (let reach = 0; ; reach++) {
    const from = Math.max(0, stratum - reach);
    const to = Math.min(STRATA - 1, stratum + reach);
    const leaves = below[to]! - (from === 0 ? 0 : below[from - 1]!);
    if (leaves >= STRATUM_LEAVES_MIN || (from === 0 && to === STRATA - 1)) return [from, to];
  }
}

function within(
  below: Float64Array,
  [from, to]: readonly [from: number, to: number],
  step: number,
): number {
  const under = from === 0 ? 0 : below[(from - 1) * (STEPS + 1) + step]!;
  return below[to * (STEPS + 1) + step]! - under;
}

function medianOf(below: Float64Array, range: readonly [from: number, to: number]): number {
  let count = 0;
  for (let step = 0; step <= STEPS; step++) count += within(below, range, step);
  let seen = 0;
  for (let step = 0; step <= STEPS; step++) {
    seen += within(below, range, step);
    if (seen >= count / 2) return step === 0 ? 0 : (step + 0.5) * STEP;
  }
  return 0;
}

/** In units of the scale: narrower steps of the distribution are ties, not knowledge. */
const WIDTH_MIN = 0.02;
/** Fewer leaves than this beyond a point say nothing about the tail there. */
const TAIL_LEAVES = 8;
/** Up to here the sample is counted in bins of `BIN`; only what lies beyond is sorted. */
const BULK = 2.5;
const BIN = BULK / 1_024;

/** Log of the density of |deviation| / scale from a sample: constant hazard between quantiles, the last one for ever (a tail as thin as the last that
 * was seen). */
function hazardOf(sample: Float64Array): (standard: number) => number {
  const quantile = quantilesOf(sample);
  const at: number[] = [0];
  const logSurvival: number[] = [0];
  const push = (survival: number): void => {
    at.push(Math.max(quantile(survival), at.at(-1)! + WIDTH_MIN));
    logSurvival.push(Math.log(survival));
  };
  for (let tenth = 9; tenth > 1; tenth--) push(tenth / 10);
  for (let survival = 0.1; survival * sample.length >= TAIL_LEAVES; survival /= 2) push(survival);
  const hazard = at.map((_, k) => {
    const piece = Math.min(k, at.length - 2);
    return (logSurvival[piece]! - logSurvival[piece + 1]!) / (at[piece + 1]! - at[piece]!);
  });
  const logHazard = hazard.map((one) => Math.log(one));
  return (standard) => {
    let piece = 0;
    let above = at.length - 1;
    while (piece < above) {
      const middle = (piece + above + 1) >> 1;
      if (at[middle]! <= standard) piece = middle;
      else above = middle - 1;
    }
    return logSurvival[piece]! + logHazard[piece]! - hazard[piece]! * (standard - at[piece]!);
  };
}

/** The value beyond which a share of the sample lies. */
function quantilesOf(sample: Float64Array): (survival: number) => number {
  const bins = new Float64Array(1_024);
  let beyond = 0;
  for (const one of sample)
    if (one < BULK) bins[Math.floor(one / BIN)]!++;
    else beyond++;
  const tail = new Float64Array(beyond);
  let next = 0;
  for (const one of sample) if (one >= BULK) tail[next++] = one;
  tail.sort();
  return (survival) => {
    const above = survival * sample.length;
    if (above < beyond) return tail[Math.max(0, Math.ceil(beyond - above) - 1)]!;
    let left = beyond;
    for (let bin = bins.length - 1; bin >= 0; bin--) {
      left += bins[bin]!;
      if (left >= above) return bin * BIN;
    }
    return 0;
  };
}
