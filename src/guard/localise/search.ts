/** Finds the elements of the lattice that best explain the deviations: scan all cuboids for elements with evidence, take the best, take its
 * leaves away, go on until nothing is left that noise would not do as well. Pure. */
import { healthyOf, type Healthy, type Leaves } from './deviation.ts';
import {
  COUNT,
  evidenceMost,
  evidenceOf,
  SHIFT,
  SQUARE,
  SUMS,
  SURPRISE,
  WEIGHT,
} from './evidence.ts';
import { layerOf, visitCuboids } from './lattice.ts';
import type { Attribute } from './group.ts';

/** An element that is a cause. */
export interface Cause {
  readonly mask: number;
  /** A leaf that lies in it. */
  readonly leaf: number;
  /** Nats above what its length of name costs. */
  readonly score: number;
}

/** More causes than people can look at are noise. */
const CAUSES_MAX = 40;
/** Scans of the lattice; each ends with leaves taken away or is the last. */
const SCANS_MAX = 12;
/** Candidates kept per cuboid and scan. */
const CANDIDATES_MAX = 48;
/** Nats that any cause must bring before its name is paid for: keeps noise from passing for a cause. */
const CAUSE_PRICE = 4;
/** Nats per attribute in a name. */
const LAYER_PRICE = 0.5;
/** Candidates counted anew after others were taken, per scan: the next scan sees the rest. */
const RECOUNTS_MAX = 32;
/** More parts than this are no shorter explanation than the whole. */
const PARTS_MAX = 16;
/** Of the shift of the parts that a split takes: what is left out and moved more than this share is no healthy rest. */
const MOVED_SHARE = 0.4;
/** Leaves of a size whose healthy deviation is wider than this, and than twice that of the best forecast size, neither accuse nor acquit: counts of a few
 * payments, where nothing against one expected is no news. */
const SCALE_MAX = 0.2;
const SCALE_TIMES_MAX = 2;
/** A mean deviation below this is a bad forecast, no cause. */
const SHIFT_MIN = 0.06;

interface Scan {
  readonly attributes: readonly Attribute[];
  readonly leaves: Leaves;
  readonly isOpen: Uint8Array;
  /** Sums of each leaf alone. */
  readonly sums: Float64Array;
}

/** Causes in the order in which they were found. `attributes[a].codes[leaf]` are codes of leaves, not of rows of the table. */
export function searchCauses(attributes: readonly Attribute[], leaves: Leaves): readonly Cause[] {
  const isOpen = new Uint8Array(leaves.deviation.length).fill(1);
  const causes: Cause[] = [];
  for (let scans = 0; scans < SCANS_MAX && causes.length < CAUSES_MAX; scans++) {
    const healthy = healthyOf(leaves, isOpen);
    const scan = { attributes, leaves, isOpen, sums: leafSums({ leaves, healthy, isOpen }) };
    const found = takeBest(scan, candidatesOf(scan));
    causes.push(...found);
    if (found.length === 0) break;
  }
  return settle({ attributes, leaves, isOpen }, causes.slice(0, CAUSES_MAX));
}

/** What was found early did not know of what came later and may be too wide beside it: each cause is looked at again while the others
 * hold what is theirs, with the noise as it is without any of them. */
function settle(
  input: Pick<Scan, 'attributes' | 'leaves' | 'isOpen'>,
  causes: readonly Cause[],
): readonly Cause[] {
  if (causes.length < 2) return causes;
  const { attributes, leaves } = input;
  const healthy = healthyOf(leaves, input.isOpen);
  const all = new Uint8Array(leaves.deviation.length).fill(1);
  const sums = leafSums({ leaves, healthy, isOpen: all });
  let settled = causes;
  for (const cause of causes) {
    const others = settled.filter((one) => one !== cause);
    const scan: Scan = { attributes, leaves, sums, isOpen: all.slice() };
    for (const other of others) close(scan, other);
    const again = scoreNow(scan, cause) > 0 ? splitOf(scan, cause) : [];
    settled = settled.flatMap((one) => (one === cause ? again : [one]));
  }
  return settled;
}

function leafSums(input: {
  readonly leaves: Leaves;
  readonly healthy: Healthy;
  readonly isOpen: Uint8Array;
}): Float64Array {
  const { leaves, healthy } = input;
  const { deviation } = leaves;
  const sums = new Float64Array(deviation.length * SUMS);
  const typical = typicalScale(leaves, healthy);
  const widest = Math.max(SCALE_MAX, SCALE_TIMES_MAX * Math.min(...healthy.scaleOf));
  const weightOf = healthy.scaleOf.map((scale) => (typical / scale) ** 2);
  for (let at = 0; at < deviation.length; at++) {
    if (input.isOpen[at] === 0) continue;
    const stratum = leaves.stratum[at]!;
    if (healthy.scaleOf[stratum]! > widest) continue;
    const weight = weightOf[stratum]!;
    const value = deviation[at]!;
    const offset = at * SUMS;
    sums[offset + COUNT] = 1;
    sums[offset + WEIGHT] = weight;
    sums[offset + SHIFT] = weight * value;
    sums[offset + SQUARE] = weight * value * value;
    sums[offset + SURPRISE] = 0.5 * Math.log(weight) - healthy.logDensity(value, stratum);
  }
  return sums;
}

/** The geometric mean over the leaves. */
function typicalScale({ stratum }: Leaves, { scaleOf }: Healthy): number {
  const logOf = scaleOf.map(Math.log);
  let logs = 0;
  for (const one of stratum) logs += logOf[one]!;
  return Math.exp(logs / Math.max(1, stratum.length));
}

function candidatesOf(scan: Scan): readonly Cause[] {
  const { attributes, sums } = scan;
  const all: Cause[] = [];
  visitCuboids({ attributes, sums, width: SUMS }, ({ mask, count, cells, first }) => {
    if (mask === 0) return;
    const price = priceOf(scan, mask);
    const best: Cause[] = [];
    let least = 0;
    for (let id = 0; id < count; id++) {
      const cell = id * SUMS;
      if (evidenceMost(cells, cell) <= price + least) continue;
      const score = scoreOf({ cells, cell, price });
      if (score <= least) continue;
      best.push({ mask, leaf: first[id]!, score });
      best.sort((a, b) => b.score - a.score);
      if (best.length <= CANDIDATES_MAX) continue;
      best.pop();
      least = best.at(-1)!.score;
    }
    all.push(...best);
  });
  return all;
}

/** What a cause must bring: one name of as many as the attributes have, and a little for each attribute. */
function priceOf({ attributes, leaves }: Scan, mask: number): number {
  let names = 0;
  for (const [at, { values }] of attributes.entries())
    if ((mask & (1 << at)) !== 0) names += Math.log(values.length);
  return (
    CAUSE_PRICE + Math.min(names, Math.log(leaves.deviation.length)) + layerOf(mask) * LAYER_PRICE
  );
}

/** Takes causes in the order of their score and their leaves away, until what is known of the candidates is too old. */
function takeBest(scan: Scan, candidates: readonly Cause[]): readonly Cause[] {
  const taken: Cause[] = [];
  let waiting = candidates.toSorted((a, b) => b.score - a.score);
  let next = 0;
  let looks = 0;
  while (next < waiting.length && looks < RECOUNTS_MAX) {
    const best = waiting[next++]!;
    if (taken.some((one) => covers(scan.attributes, one, best))) continue;
    if (taken.some((one) => overlaps(scan.attributes, one, best))) {
      looks++;
      const score = scoreNow(scan, best);
      if (score <= 0) continue;
      if (score < (waiting[next]?.score ?? 0)) {
        const again = [...waiting.slice(next), { ...best, score }];
        waiting = again.toSorted((a, b) => b.score - a.score);
        next = 0;
        continue;
      }
    }
    for (const cause of splitOf(scan, taken.length === 0 ? best : climb(scan, best))) {
      taken.push(cause);
      close(scan, cause);
    }
  }
  return taken;
}

/** The element, or a wider one that explains more now: what was taken before may have hidden it in the scan. */
function climb(scan: Scan, from: Cause): Cause {
  let best = { ...from, score: scoreNow(scan, from) };
  for (let layer = layerOf(from.mask); layer > 1; layer--) {
    const { mask } = best;
    const wider = scan.attributes
      .map((_, at) => ({ mask: mask & ~(1 << at), leaf: best.leaf }))
      .filter((one) => one.mask !== mask)
      .map((one) => ({ ...one, score: scoreNow(scan, one) }))
      .toSorted((a, b) => b.score - a.score)[0];
    if (!wider || wider.score <= best.score) break;
    best = wider;
  }
  return best;
}

/** The element, or some of its parts: three siblings that moved and two that did not are three causes, found as a whole because their sum is so plain. */
function splitOf(scan: Scan, whole: Cause): readonly Cause[] {
  let most = scoreNow(scan, whole);
  let best: readonly Cause[] | undefined;
  for (const [at] of scan.attributes.entries()) {
    if ((whole.mask & (1 << at)) !== 0) continue;
    const { parts, score } = bestParts(scan, { whole, at, atLeast: most });
    if (score <= most) continue;
    best = parts;
    most = score;
  }
  return best ? best.flatMap((part) => splitOf(scan, part)) : [whole];
}

/** Parts of the element by one more attribute, the most moved ones, as many as together explain most. They share one shift and each costs a name, so that what
 * moved as a whole stays whole. */
function bestParts(
  scan: Scan,
  input: { readonly whole: Cause; readonly at: number; readonly atLeast: number },
): { readonly parts: readonly Cause[]; readonly score: number } {
  const { whole, at, atLeast } = input;
  const { codes, values } = scan.attributes[at]!;
  const cells = new Float64Array(values.length * SUMS);
  const first = new Int32Array(values.length).fill(-1);
  for (let leaf = 0; leaf < codes.length; leaf++) {
    if (scan.isOpen[leaf] === 0 || !liesIn(scan.attributes, whole, leaf)) continue;
    const code = codes[leaf]!;
    if (first[code] === -1) first[code] = leaf;
    for (let k = 0; k < SUMS; k++) cells[code * SUMS + k]! += scan.sums[leaf * SUMS + k]!;
  }
  const mask = whole.mask | (1 << at);
  const price = priceOf(scan, mask);
  const side = Math.sign(shiftOf(cells, values.keys()));
  const meanOf = (code: number): number =>
    (cells[code * SUMS + SHIFT]! / cells[code * SUMS + WEIGHT]!) * side;
  const ordered = values
    .map((_, code) => code)
    .filter((code) => first[code] !== -1)
    .toSorted((a, b) => meanOf(b) - meanOf(a));
  const joint = new Float64Array(SUMS);
  let score = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const [index, code] of ordered.slice(0, PARTS_MAX).entries()) {
    for (let k = 0; k < SUMS; k++) joint[k]! += cells[code * SUMS + k]!;
    const now = scoreOf({ cells: joint, cell: 0, price: price * (index + 1) });
    if (now <= score) continue;
    score = now;
    count = index + 1;
  }
  const taken = ordered.slice(0, count);
  const isTaken = Uint8Array.from(values, (_, code) => (taken.includes(code) ? 1 : 0));
  const shift = shiftOf(cells, taken);
  if (score > atLeast && hasMoved(scan, { whole, at, isTaken, shift }))
    return { parts: [], score: Number.NEGATIVE_INFINITY };
  const parts = taken.map((code) => ({ mask, leaf: first[code]!, score }));
  return { parts, score };
}

/** Mean deviation of these parts together. */
function shiftOf(cells: Float64Array, codes: Iterable<number>): number {
  let shift = 0;
  let weight = 0;
  for (const code of codes) {
    shift += cells[code * SUMS + SHIFT]!;
    weight += cells[code * SUMS + WEIGHT]!;
  }
  return shift / weight;
}

/** True when most leaves that a split would leave out moved much like those that it takes: then the whole is the cause, and only uneven. Leaves are
 * counted, because another cause may lie across the rest. */
function hasMoved(
  scan: Scan,
  split: {
    readonly whole: Cause;
    readonly at: number;
    readonly isTaken: Uint8Array;
    readonly shift: number;
  },
): boolean {
  const { codes } = scan.attributes[split.at]!;
  const { deviation } = scan.leaves;
  let moved = 0;
  let left = 0;
  for (let leaf = 0; leaf < codes.length; leaf++) {
    if (scan.isOpen[leaf] === 0 || split.isTaken[codes[leaf]!] === 1) continue;
    if (!liesIn(scan.attributes, split.whole, leaf)) continue;
    left++;
    if (deviation[leaf]! / split.shift > MOVED_SHARE) moved++;
  }
  return moved * 2 > left;
}

function scoreOf(input: {
  readonly cells: Float64Array;
  readonly cell: number;
  readonly price: number;
}): number {
  const { cells, cell } = input;
  const isSlight = Math.abs(cells[cell + SHIFT]!) < SHIFT_MIN * cells[cell + WEIGHT]!;
  if (isSlight || cells[cell + COUNT] === 0) return 0;
  return evidenceOf(cells, cell) - input.price;
}

/** The score from the leaves that are still open. */
function scoreNow(scan: Scan, element: Pick<Cause, 'mask' | 'leaf'>): number {
  const cells = new Float64Array(SUMS);
  for (let leaf = 0; leaf < scan.isOpen.length; leaf++) {
    if (scan.isOpen[leaf] === 0 || !liesIn(scan.attributes, element, leaf)) continue;
    for (let k = 0; k < SUMS; k++) cells[k]! += scan.sums[leaf * SUMS + k]!;
  }
  return scoreOf({ cells, cell: 0, price: priceOf(scan, element.mask) });
}

function close(scan: Scan, element: Cause): void {
  for (let leaf = 0; leaf < scan.isOpen.length; leaf++)
    if (liesIn(scan.attributes, element, leaf)) scan.isOpen[leaf] = 0;
}

/** True when every leaf of `inner` lies in `outer`. */
function covers(attributes: readonly Attribute[], outer: Cause, inner: Cause): boolean {
  return (outer.mask & inner.mask) === outer.mask && liesIn(attributes, outer, inner.leaf);
}

/** False when an attribute that both name has two values. */
function overlaps(attributes: readonly Attribute[], one: Cause, other: Cause): boolean {
  return liesIn(attributes, { mask: one.mask & other.mask, leaf: one.leaf }, other.leaf);
}

/** True when the leaf lies in the element. */
export function liesIn(
  attributes: readonly Attribute[],
  element: { readonly mask: number; readonly leaf: number },
  leaf: number,
): boolean {
  return attributes.every(
    ({ codes }, at) => (element.mask & (1 << at)) === 0 || codes[leaf] === codes[element.leaf],
  );
}
