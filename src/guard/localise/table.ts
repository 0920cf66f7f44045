/** Leaf rows of a flow in columns: attribute values as small numbers (dictionary encoding), measures as typed arrays, because a million
 * rows as objects would cost seconds and gigabytes. Pure. */
import { group, type Attribute } from './group.ts';

/** Attributes that one search can combine: 2^10 ways to choose them is what a search visits at most. */
export const ATTRIBUTES_MAX = 10;
/** Rows of one table: what fits into a gigabyte with the scratch of a search. */
const ROWS_MAX = 4_000_000;
/** Rows times cuboids: what a search visits at most, in minutes at the worst. */
const VISITS_MAX = 2 ** 28;

/** Rows that a search over so many attributes takes: 4,000,000 up to six of them, half for each one more. */
export function rowsMax(attributeCount: number): number {
  return Math.min(ROWS_MAX, VISITS_MAX / 2 ** attributeCount);
}

/** What was measured and what was expected, per row; finite and not negative. */
export interface Measure {
  readonly real: Float64Array;
  readonly predict: Float64Array;
}

/** Rows with their attributes; each combination of values stands in one row only after `aggregate()`. `measure` is the quantity, or the
 * numerator of a ratio whose denominator is `denominator`. */
export interface LeafTable {
  readonly attributes: readonly Attribute[];
  readonly measure: Measure;
  readonly denominator?: Measure;
}

/** Rows of the table. */
export function rowCount(table: LeafTable): number {
  return table.measure.real.length;
}

/** Encodes rows of text. Shape: `rows[i][a]` is the value of attribute `names[a]`. For small tables: one array per row. */
export function tableOf(
  names: readonly string[],
  input: {
    readonly rows: readonly (readonly string[])[];
    readonly real: ArrayLike<number>;
    readonly predict: ArrayLike<number>;
  },
): LeafTable {
  const attributes = names.map((name, at) => {
    const codeOf = new Map<string, number>();
    const codes = new Int32Array(input.rows.length);
    for (const [row, values] of input.rows.entries()) {
      const value = values[at] ?? '';
      let code = codeOf.get(value);
      if (code === undefined) codeOf.set(value, (code = codeOf.size));
      codes[row] = code;
    }
    return { name, values: [...codeOf.keys()], codes };
  });
  return {
    attributes,
    measure: { real: Float64Array.from(input.real), predict: Float64Array.from(input.predict) },
  };
}

/** The table with rows of the same attribute values added up, in the order in which they first came. */
export function aggregate(table: LeafTable): LeafTable {
  const ids = new Int32Array(rowCount(table));
  const rows = Int32Array.from(ids, (_, row) => row);
  const count = group({ named: table.attributes, first: rows, ids });
  if (count === ids.length) return table;
  const first = new Int32Array(count).fill(-1);
  for (let row = 0; row < ids.length; row++) if (first[ids[row]!] === -1) first[ids[row]!] = row;
  const sum = (column: Float64Array): Float64Array => {
    const out = new Float64Array(count);
    for (let row = 0; row < ids.length; row++) out[ids[row]!]! += column[row]!;
    return out;
  };
  const sums = ({ real, predict }: Measure): Measure => ({
    real: sum(real),
    predict: sum(predict),
  });
  return {
    attributes: table.attributes.map((one) => ({
      ...one,
      codes: Int32Array.from(first, (row) => one.codes[row]!),
    })),
    measure: sums(table.measure),
    ...(table.denominator && { denominator: sums(table.denominator) }),
  };
}
