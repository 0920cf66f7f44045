/** The reference of the benchmark: localisation by weighted risk, from the published description of RiskLoc (Kalander, arXiv 2205.10004, section 4) with its
 * default thresholds, in code of our own and for the benchmark alone. Leaves are cut in two at the mirrored extreme of the quieter side; an element is a cause
 * when the weight of its abnormal leaves outweighs the normal ones, and its leaves moved as one. Pure. */
import { leavesOf } from '../../guard/localise/deviation.ts';
import { group, type Attribute } from '../../guard/localise/group.ts';
import type { LeafTable } from '../../guard/localise/table.ts';

const RISK_MIN = 0.5;
/** Share of the deviation of the abnormal side that a cause must explain. */
const POWER_SHARE_MIN = 0.02;
/** Distinct extremes that the cut leaves out as outliers. */
const OUTLIERS = 5;
const CAUSES_MAX = 40;

interface State {
  readonly attributes: readonly Attribute[];
  readonly deviation: Float64Array;
  readonly real: Float64Array;
  readonly predict: Float64Array;
  readonly power: Float64Array;
  readonly isAbnormal: Uint8Array;
  readonly weight: Float64Array;
  open: Int32Array;
}

interface Found {
  readonly mask: number;
  readonly leaf: number;
  readonly power: number;
}

/** Root-cause sets as `a=a1&b=b2`, in the order in which they were found. */
export function localiseByRisk(table: LeafTable): readonly string[] {
  const state = stateOf(table);
  let abnormal = 0;
  for (const leaf of state.open) if (state.isAbnormal[leaf] === 1) abnormal += state.power[leaf]!;
  if (abnormal < 0) {
    abnormal = -abnormal;
    for (let leaf = 0; leaf < state.power.length; leaf++) state.power[leaf] = -state.power[leaf]!;
  }
  const powerMin = abnormal * POWER_SHARE_MIN;
  const sets: string[] = [];
  while (sets.length < CAUSES_MAX) {
    let left = 0;
    for (const leaf of state.open) if (state.isAbnormal[leaf] === 1) left += state.power[leaf]!;
    const found = left < powerMin ? undefined : nextCause(state, powerMin);
    if (!found) break;
    const named = state.attributes.filter((_, at) => (found.mask & (1 << at)) !== 0);
    sets.push(
      named.map(({ name, values, codes }) => `${name}=${values[codes[found.leaf]!]}`).join('&'),
    );
    state.open = state.open.filter(
      (leaf) => !named.every(({ codes }) => codes[leaf] === codes[found.leaf]),
    );
  }
  return sets;
}

function stateOf(table: LeafTable): State {
  const { rows, deviation } = leavesOf(table);
  const { measure, denominator } = table;
  const real = Float64Array.from(rows, (row) => measure.real[row]! / (denominator?.real[row] ?? 1));
  const predict = Float64Array.from(
    rows,
    (row) => measure.predict[row]! / (denominator?.predict[row] ?? 1),
  );
  const cut = cutOf(deviation);
  const isAbnormal = Uint8Array.from(deviation, (one) =>
    (cut >= 0 ? one > cut : one < cut) ? 1 : 0,
  );
  return {
    attributes: table.attributes
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((one) => ({ ...one, codes: rows.map((row) => one.codes[row]!) })),
    deviation,
    real,
    predict,
    power: real.map((one, leaf) => one - predict[leaf]!),
    isAbnormal,
    weight: deviation.map((one, leaf) =>
      Math.min(1, isAbnormal[leaf] === 1 ? Math.abs(one) : Math.abs(cut - one)),
    ),
    open: Int32Array.from(rows, (_, leaf) => leaf),
  };
}

/** The extreme that is nearer to zero, a few outliers left out, on the other side of zero. */
function cutOf(deviation: Float64Array): number {
  const ascending = new Float64Array(new Set(deviation)).sort();
  const low = ascending[Math.min(OUTLIERS, ascending.length - 1)] ?? 0;
  const high = ascending[Math.max(0, ascending.length - 1 - OUTLIERS)] ?? 0;
  return -(Math.abs(low) < Math.abs(high) ? low : high);
}

/** Layer by layer; the first layer that has a cause ends the search. */
function nextCause(state: State, powerMin: number): Found | undefined {
  const width = state.attributes.length;
  const masks = Array.from({ length: 2 ** width - 1 }, (_, at) => at + 1);
  for (let layer = 1; layer <= width; layer++) {
    let best: Found | undefined;
    for (const mask of masks) {
      if (mask.toString(2).replaceAll('0', '').length !== layer) continue;
      best = bestOfCuboid(state, { mask, powerMin: best?.power ?? powerMin }) ?? best;
    }
    if (best) return best;
  }
  return undefined;
}

function bestOfCuboid(
  state: State,
  input: { readonly mask: number; readonly powerMin: number },
): Found | undefined {
  const { open, isAbnormal, power } = state;
  const named = state.attributes.filter((_, at) => (input.mask & (1 << at)) !== 0);
  const ids = new Int32Array(open.length);
  const count = group({ named, first: open, ids });
  const powerOf = new Float64Array(count);
  const abnormalOf = new Int32Array(count);
  for (let at = 0; at < ids.length; at++) {
    powerOf[ids[at]!]! += power[open[at]!]!;
    abnormalOf[ids[at]!]! += isAbnormal[open[at]!]!;
  }
  const candidates: number[] = [];
  for (let id = 0; id < count; id++)
    if (abnormalOf[id]! > 0 && powerOf[id]! > input.powerMin) candidates.push(id);
  candidates.sort((a, b) => powerOf[b]! - powerOf[a]!);
  for (const id of candidates) {
    const members: number[] = [];
    for (let at = 0; at < ids.length; at++) if (ids[at] === id) members.push(open[at]!);
    if (riskOf(state, members) >= RISK_MIN)
      return { mask: input.mask, leaf: members[0]!, power: powerOf[id]! };
  }
  return undefined;
}

/** Weight of the abnormal leaves among all, less how unevenly the leaves moved. */
function riskOf(state: State, members: readonly number[]): number {
  let abnormal = 0;
  let normal = 1;
  let real = 0;
  let predict = 0;
  const both = members.filter((leaf) => state.real[leaf] !== 0 && state.predict[leaf] !== 0);
  for (const leaf of members)
    if (state.isAbnormal[leaf] === 1) abnormal += state.weight[leaf]!;
    else normal += state.weight[leaf]!;
  for (const leaf of both) {
    real += state.real[leaf]!;
    predict += state.predict[leaf]!;
  }
  let uneven = 0;
  let moved = 0;
  for (const leaf of both) {
    const expected = (state.predict[leaf]! * real) / predict;
    uneven += Math.abs((2 * (expected - state.real[leaf]!)) / (expected + state.real[leaf]!));
    moved += Math.abs(state.deviation[leaf]!);
  }
  return abnormal / (abnormal + normal) - (moved === 0 ? 0 : uneven / moved);
}
