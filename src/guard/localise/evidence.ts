/** Evidence that the leaves of an element moved together: the marginal likelihood of one common shift against healthy noise. Pure.
 *
 * Shift and spread are unknown, so both are integrated out under a normal-inverse-gamma prior (the textbook conjugate): many leaves that moved alike count for much, a mixture
 * of moved and unmoved ones for little, and one leaf alone only when its deviation is beyond what healthy leaves show. */

/** Numbers per element, one after the other in an array. */
export const SUMS = 5;
/** Offsets: leaves, weight, weighted deviation, weighted square, and how unlikely the leaves are when healthy (nats). */
export const COUNT = 0;
/** Offset of the sum of weights. */
export const WEIGHT = 1;
/** Offset of the weighted sum of deviations. */
export const SHIFT = 2;
/** Offset of the weighted sum of squares. */
export const SQUARE = 3;
/** Offset of minus the log likelihood when healthy, plus half the logs of the weights. */
export const SURPRISE = 4;

/** What is thought of a cause before seeing it. */
const SHIFT_MEAN = 0.6;
/** Leaves that the thought about the shift is worth. */
const SHIFT_LEAVES = 0.02;
/** Half the leaves that the thought about the spread is worth. */
const SPREAD_SHAPE = 1;
/** Spread squared, times the shape: leaves of one cause usually differ by less than a tenth. */
const SPREAD_SQUARE = 0.004;
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const LOG_PRIOR = SPREAD_SHAPE * Math.log(SPREAD_SQUARE) - logGamma(SPREAD_SHAPE);

/** Nats for "these leaves moved together" against "they are healthy". `offset` is where the sums of the element begin. */
export function evidenceOf(sums: Float64Array, offset: number): number {
  const count = sums[offset + COUNT]!;
  const weight = sums[offset + WEIGHT]!;
  // Up or down: both are thought equally likely.
  const shift = Math.abs(sums[offset + SHIFT]!);
  const mean = shift / weight;
  const spread = Math.max(0, sums[offset + SQUARE]! - shift * mean);
  const leaves = SHIFT_LEAVES + weight;
  const off = mean - SHIFT_MEAN;
  const shape = SPREAD_SHAPE + count / 2;
  const square = SPREAD_SQUARE + 0.5 * (spread + (SHIFT_LEAVES * weight * off * off) / leaves);
  return (
    sums[offset + SURPRISE]! +
    LOG_PRIOR +
    logGammaOfShape(count) -
    shape * Math.log(square) +
    0.5 * Math.log(SHIFT_LEAVES / leaves) -
    count * HALF_LOG_2PI
  );
}

/** No element of these sums has more evidence than this, whatever its shift and spread: cheap enough to ask of each element first. */
export function evidenceMost(sums: Float64Array, offset: number): number {
  const count = sums[offset + COUNT]!;
  const most =
    count <= TABLE_COUNT_MAX
      ? MOST[count]!
      : logGamma(SPREAD_SHAPE + count / 2) - (SPREAD_SHAPE + count / 2) * Math.log(SPREAD_SQUARE);
  return sums[offset + SURPRISE]! + most + LOG_PRIOR - count * HALF_LOG_2PI;
}

/** Elements up to this size, nearly all, find the logarithm in a table. */
const TABLE_COUNT_MAX = 2_048;
const LOG_GAMMA = Float64Array.from({ length: TABLE_COUNT_MAX + 1 }, (_, count) =>
  logGamma(SPREAD_SHAPE + count / 2),
);

const MOST = LOG_GAMMA.map(
  (one, count) => one - (SPREAD_SHAPE + count / 2) * Math.log(SPREAD_SQUARE),
);

function logGammaOfShape(count: number): number {
  return count <= TABLE_COUNT_MAX ? LOG_GAMMA[count]! : logGamma(SPREAD_SHAPE + count / 2);
}

/** Stirling's series, shifted so that its error is below 1e-9 for arguments from 0.5. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 7) shift -= Math.log(y++);
  const inverse = 1 / y;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square / 1260));
  return shift + (y - 0.5) * Math.log(y) - y + HALF_LOG_2PI + series;
}
