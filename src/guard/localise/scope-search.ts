/** Which scope to restrict: the narrowest set of conjunctions that cuts an anomalous flow at the least healthy cost, with both figures. It says what a
 * restriction would do; it decides and places none (DESIGN.md section 5, "Smallest scope"). Pure. */
import {
  aggregate,
  ATTRIBUTES_MAX,
  rowCount,
  rowsMax,
  tableOf,
  type LeafTable,
  type Measure,
} from './table.ts';
import { layerOf, visitCuboids } from './lattice.ts';

/** A flow split by the dimensions of the scope lattice (rail, direction, channel, bank, product, cohort, amount band …). Units: any one, the same in
 * `real` and `expected` (payments or sen, as numbers: this is statistics, nothing is booked by it). */
export interface Flow {
  readonly dimensions: readonly string[];
  /** `rows[i][d]` is the value of dimension `dimensions[d]`; rows that say the same are added up. */
  readonly rows: readonly (readonly string[])[];
  /** What was seen in the window, per row. */
  readonly real: readonly number[];
  /** What a healthy day would have shown. */
  readonly expected: readonly number[];
}

/** What one conjunction, or all of them together, would do. */
export interface ScopeCost {
  /** Flow above the expected that it stops, what an earlier conjunction already stops left out. */
  readonly cut: number;
  /** Expected flow that it stops with it. */
  readonly healthy: number;
}

/** One conjunction: each dimension that is left out means "all", as in a restriction's scope. */
export interface ProposedScope extends ScopeCost {
  readonly where: Readonly<Record<string, string>>;
}

/** The proposal: conjunctions in the order of what they cut, and the figures of all together. */
export interface ScopeProposal extends ScopeCost {
  readonly scopes: readonly ProposedScope[];
  /** Share of the excess that is cut, 0–1. */
  readonly cutShare: number;
  /** Share of all expected flow that is hit, 0–1. */
  readonly healthyShare: number;
  /** Excess that stays open. */
  readonly left: number;
}

/** How a search weighs. */
export interface ScopeSearchOptions {
  /** What a healthy unit is worth in units of excess; 1 unless told. Less widens the scope, more narrows it. */
  readonly healthyPrice?: number;
  /** Excess that one more conjunction must be worth, as a share of all excess: keeps an answer short enough for people to check. */
  readonly conjunctionPrice?: number;
  /** Stops when this share of the excess is cut. */
  readonly enoughShare?: number;
}

const HEALTHY_PRICE = 1;
const CONJUNCTION_PRICE = 0.02;
const ENOUGH_SHARE = 0.98;
/** Longer answers are no scope any more, but a list of payments. */
const CONJUNCTIONS_MAX = 8;
/** Rounds of choosing again; two settle nearly all, a circle must end. */
const SETTLE_ROUNDS_MAX = 4;
/** Excess below so many standard errors of the ordinary noise is no excess. */
const NOISE_ERRORS = 3;

/** The smallest scope for a flow that runs above what was expected; undefined when nothing stands out of the ordinary noise.
 * Shape: greedy over the whole lattice; each step takes the conjunction with the most excess less healthy flow, of equals the one that
 * names most dimensions, that is the narrowest. When no conjunction pays for itself, the one with the best ratio is proposed, so that a person always sees
 * the least bad. Throws RangeError for a malformed flow. */
export function smallestScope(
  flow: Flow,
  options: ScopeSearchOptions = {},
): ScopeProposal | undefined {
  const table = aggregate(checked(flow));
  const { predict } = table.measure;
  const total = excessOf(table.measure);
  const search: Search = {
    table,
    noise: noiseOf(table),
    price: options.healthyPrice ?? HEALTHY_PRICE,
    conjunctionPrice: (options.conjunctionPrice ?? CONJUNCTION_PRICE) * total,
  };
  const enough = total * (options.enoughShare ?? ENOUGH_SHARE);
  const elements = settle(search, greedy(search, enough));
  if (elements.length === 0) return undefined;
  const cut = elements.reduce((sum, one) => sum + one.cut, 0);
  const healthy = elements.reduce((sum, one) => sum + one.healthy, 0);
  const expected = predict.reduce((sum, one) => sum + one, 0);
  return {
    scopes: elements.map((one) => ({
      where: whereOf(table, one),
      cut: one.cut,
      healthy: one.healthy,
    })),
    cut,
    healthy,
    cutShare: Math.min(1, cut / total),
    healthyShare: expected === 0 ? 0 : healthy / expected,
    left: Math.max(0, total - cut),
  };
}

interface Search {
  readonly table: LeafTable;
  readonly noise: number;
  readonly price: number;
  readonly conjunctionPrice: number;
}

function greedy(search: Search, enough: number): readonly Element[] {
  const elements: Element[] = [];
  let cut = 0;
  while (elements.length < CONJUNCTIONS_MAX && cut < enough) {
    const isFirst = elements.length === 0;
    const best = bestElement(search, liveAfter(search.table, elements), isFirst);
    if (best === undefined || (best.gain <= 0 && !isFirst)) break;
    elements.push(best);
    cut += best.cut;
  }
  return elements;
}

/** What was chosen first did not know of the others and may be too wide beside them: each is chosen again while the others stand. */
function settle(search: Search, chosen: readonly Element[]): readonly Element[] {
  let elements = chosen;
  for (let round = 0; round < SETTLE_ROUNDS_MAX && elements.length > 1; round++) {
    const before = elements;
    for (const [at, element] of before.entries()) {
      const others = elements.filter((one) => one !== element);
      const again = bestElement(search, liveAfter(search.table, others), at === 0);
      elements = elements.flatMap((one) => (one === element ? (again ? [again] : []) : [one]));
    }
    const isSame = elements.every((one, at) => isSameElement(search.table, one, before[at]));
    if (isSame) break;
  }
  return inOrder(search.table, elements);
}

/** The one that cuts most comes first; what a later one says leaves out what an earlier one stops. */
function inOrder(table: LeafTable, elements: readonly Element[]): readonly Element[] {
  const ordered: Element[] = [];
  for (const one of elements.toSorted((a, b) => b.cut - a.cut)) {
    const cost = costOf(table, one, liveAfter(table, ordered));
    if (cost.cut > 0) ordered.push({ ...one, ...cost });
  }
  return ordered;
}

function checked(flow: Flow): LeafTable {
  const { dimensions, rows, real, expected } = flow;
  if (dimensions.length === 0 || dimensions.length > ATTRIBUTES_MAX)
    throw new RangeError(
      `Cannot search a flow of ${dimensions.length} dimensions (1 to ${ATTRIBUTES_MAX})`,
    );
  if (rows.length > rowsMax(dimensions.length))
    throw new RangeError(`Cannot search a flow of ${rows.length} rows`);
  if (real.length !== rows.length || expected.length !== rows.length)
    throw new RangeError('Cannot search a flow whose columns differ in length');
  for (const column of [real, expected])
    if (!column.every((one) => Number.isFinite(one) && one >= 0))
      throw new RangeError('Cannot search a flow with an amount that is negative or not finite');
  return tableOf(dimensions, { rows, real, predict: expected });
}

/** Variance per unit of expected flow, from the rows that run below it: an attack only adds, so those show the ordinary noise. */
function noiseOf(table: LeafTable): number {
  const { real, predict } = table.measure;
  let squares = 0;
  let expected = 0;
  for (let row = 0; row < real.length; row++) {
    const below = predict[row]! - real[row]!;
    if (below <= 0) continue;
    squares += below * below;
    expected += predict[row]!;
  }
  return expected === 0 ? 0 : squares / expected;
}

function excessOf({ real, predict }: Measure): number {
  let excess = 0;
  for (let row = 0; row < real.length; row++) excess += Math.max(0, real[row]! - predict[row]!);
  return excess;
}

interface Element extends ScopeCost {
  readonly mask: number;
  /** A row that lies in it. */
  readonly row: number;
  readonly gain: number;
}

function bestElement(search: Search, live: Measure, isFirst: boolean): Element | undefined {
  const { table } = search;
  const conjunctionPrice = isFirst ? 0 : search.conjunctionPrice;
  let best: Element | undefined;
  const sums = new Float64Array(rowCount(table) * 2);
  for (let row = 0; row < live.real.length; row++) {
    sums[row * 2] = live.real[row]! - live.predict[row]!;
    sums[row * 2 + 1] = live.predict[row]!;
  }
  visitCuboids(
    { attributes: table.attributes, sums, width: 2 },
    ({ mask, count, cells, first }) => {
      for (let id = 0; id < count; id++) {
        const cut = cells[id * 2]!;
        const healthy = cells[id * 2 + 1]!;
        const isNoise = cut <= NOISE_ERRORS * Math.sqrt(search.noise * healthy);
        if (isNoise) continue;
        const gain = cut - search.price * healthy - conjunctionPrice;
        const element = { mask, row: first[id]!, cut, healthy, gain };
        if (best === undefined || isBetter(element, best)) best = element;
      }
    },
  );
  return best;
}

/** Gains that differ by less are equal: sums of the same rows in another order. */
const EQUAL_SHARE = 1e-9;

function isBetter(one: Element, other: Element): boolean {
  const [a, b] =
    one.gain > 0 || other.gain > 0 ? [one.gain, other.gain] : [ratioOf(one), ratioOf(other)];
  const isEqual = Math.abs(a - b) <= EQUAL_SHARE * Math.max(Math.abs(a), Math.abs(b));
  if (!isEqual) return a > b;
  return layerOf(one.mask) > layerOf(other.mask);
}

function ratioOf({ cut, healthy }: ScopeCost): number {
  return cut / Math.max(healthy, Number.MIN_VALUE);
}

function whereOf(table: LeafTable, { mask, row }: Element): Readonly<Record<string, string>> {
  return Object.fromEntries(
    table.attributes.flatMap(({ name, values, codes }, at) =>
      (mask & (1 << at)) === 0 ? [] : [[name, values[codes[row]!]!] as const],
    ),
  );
}

/** The flow that is still open after these elements are stopped. */
function liveAfter(table: LeafTable, elements: readonly Element[]): Measure {
  const live = { real: table.measure.real.slice(), predict: table.measure.predict.slice() };
  for (const element of elements)
    for (let row = 0; row < live.real.length; row++) {
      if (!liesIn(table, element, row)) continue;
      live.real[row] = 0;
      live.predict[row] = 0;
    }
  return live;
}

function costOf(table: LeafTable, element: Element, live: Measure): ScopeCost {
  let cut = 0;
  let healthy = 0;
  for (let row = 0; row < live.real.length; row++) {
    if (!liesIn(table, element, row)) continue;
    cut += live.real[row]! - live.predict[row]!;
    healthy += live.predict[row]!;
  }
  return { cut, healthy };
}

function liesIn(table: LeafTable, { mask, row }: Element, other: number): boolean {
  return table.attributes.every(
    ({ codes }, at) => (mask & (1 << at)) === 0 || codes[other] === codes[row],
  );
}

function isSameElement(table: LeafTable, one: Element, other: Element | undefined): boolean {
  return other !== undefined && one.mask === other.mask && liesIn(table, one, other.row);
}
