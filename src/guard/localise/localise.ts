/** Root causes of a deviation, with what each explains and what it would cost to close it (DESIGN.md section 5). Pure: what is done about them
 * is decided elsewhere. Method: docs/localise.md, ADR 0026. */
import { leavesOf } from './deviation.ts';
import type { Attribute } from './group.ts';
import { liesIn, searchCauses, type Cause } from './search.ts';
import { rowCount, type LeafTable } from './table.ts';

/** One root-cause set. */
export interface RootCause {
  /** `a=a1&b=b2`, attributes in alphabetical order. */
  readonly set: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Real minus predicted within the set: of the sums, or of the ratio of the whole (what the set alone does to it). */
  readonly deviation: number;
  /** That as a share of the deviation of the whole; 1 explains it all. 0 when the whole does not deviate. */
  readonly explained: number;
  /** Flow in the set that is as expected: per row the smaller of real and predicted, of the denominator for a ratio. It would go with a closed set. */
  readonly healthy: number;
  /** That as a share of all such flow, 0–1. */
  readonly healthyShare: number;
  /** Nats of evidence above the price of the name. */
  readonly evidence: number;
}

/** Root-cause sets, best first: what explains most at the least healthy flow. Expects aggregated rows (`aggregate()`). */
export function localise(table: LeafTable): readonly RootCause[] {
  const leaves = leavesOf(table);
  const attributes = alphabetical(table.attributes, leaves.rows);
  const whole = totals(table, () => true);
  const context = { table, attributes, rows: leaves.rows, whole };
  return searchCauses(attributes, leaves)
    .map((cause) => rootCauseOf(context, cause))
    .filter(({ healthy, deviation }) => isNoDust({ table, whole, healthy, deviation }))
    .toSorted((a, b) => worthOf(b) - worthOf(a) || (a.set < b.set ? -1 : 1));
}

/** Below this share of the whole a set is what rounding leaves of numbers near nothing. */
const DUST_SHARE = 1e-10;

function isNoDust(input: {
  readonly table: LeafTable;
  readonly whole: Totals;
  readonly healthy: number;
  readonly deviation: number;
}): boolean {
  const { whole } = input;
  const all = input.table.denominator
    ? quotient(whole.real, whole.realBelow)
    : whole.real + whole.predict;
  return Math.abs(input.deviation) > DUST_SHARE * all || input.healthy > DUST_SHARE * whole.healthy;
}

/** Codes per leaf instead of per row; the order of the columns must not matter. */
function alphabetical(attributes: readonly Attribute[], rows: Int32Array): readonly Attribute[] {
  return attributes
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => ({ ...one, codes: rows.map((row) => one.codes[row]!) }));
}

function worthOf({ explained, healthyShare }: RootCause): number {
  return Math.abs(explained) - healthyShare;
}

interface Totals {
  readonly real: number;
  readonly predict: number;
  readonly realBelow: number;
  readonly predictBelow: number;
  readonly healthy: number;
}

function totals(table: LeafTable, isIn: (row: number) => boolean): Totals {
  const { measure, denominator } = table;
  const traffic = denominator ?? measure;
  let [real, predict, realBelow, predictBelow, healthy] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rowCount(table); row++) {
    if (!isIn(row)) continue;
    real += measure.real[row]!;
    predict += measure.predict[row]!;
    realBelow += denominator?.real[row] ?? 0;
    predictBelow += denominator?.predict[row] ?? 0;
    healthy += Math.min(traffic.real[row]!, traffic.predict[row]!);
  }
  return { real, predict, realBelow, predictBelow, healthy };
}

interface Context {
  readonly table: LeafTable;
  readonly attributes: readonly Attribute[];
  readonly rows: Int32Array;
  readonly whole: Totals;
}

function rootCauseOf(context: Context, cause: Cause): RootCause {
  const { table, attributes, rows, whole } = context;
  const inCause = new Uint8Array(rowCount(table));
  for (let leaf = 0; leaf < rows.length; leaf++)
    if (liesIn(attributes, cause, leaf)) inCause[rows[leaf]!] = 1;
  const part = totals(table, (row) => inCause[row] === 1);
  const named = attributes.flatMap(({ name, values, codes }, at) =>
    (cause.mask & (1 << at)) === 0 ? [] : [[name, values[codes[cause.leaf]!]!] as const],
  );
  const isRatio = table.denominator !== undefined;
  const deviation = isRatio ? ratioShift(whole, part) : part.real - part.predict;
  const all = isRatio
    ? quotient(whole.real, whole.realBelow) - quotient(whole.predict, whole.predictBelow)
    : whole.real - whole.predict;
  return {
    set: named.map(([name, value]) => `${name}=${value}`).join('&'),
    attributes: Object.fromEntries(named),
    deviation,
    explained: quotient(deviation, all),
    healthy: part.healthy,
    healthyShare: quotient(part.healthy, whole.healthy),
    evidence: cause.score,
  };
}

/** The ratio of the whole, less what it would be with the forecast in place of the set. */
function ratioShift(whole: Totals, part: Totals): number {
  const restored = quotient(
    whole.real - part.real + part.predict,
    whole.realBelow - part.realBelow + part.predictBelow,
  );
  return quotient(whole.real, whole.realBelow) - restored;
}

function quotient(above: number, below: number): number {
  return below === 0 ? 0 : above / below;
}
