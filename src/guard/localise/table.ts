/** Leaf rows of a flow in columns: attribute values as small numbers (dictionary encoding), measures as typed arrays, because a million
 * rows as objects would cost seconds and gigabytes. Pure. */

/** Attributes that one search can combine: 2^10 ways to choose them is what a search visits at most. */
export const ATTRIBUTES_MAX = 10;
/** Rows of one table: what fits into a gigabyte with the scratch of a search. */
export const ROWS_MAX = 4_000_000;

/** One attribute: `values[codes[row]]` is what the row says. */
export interface Attribute {
  readonly name: string;
  readonly values: readonly string[];
  readonly codes: Int32Array;
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
  const { ids, count } = groupRows(table.attributes, rowCount(table));
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

function groupRows(
  attributes: readonly Attribute[],
  rows: number,
): { readonly ids: Int32Array; readonly count: number } {
  let ids: Int32Array = new Int32Array(rows);
  let count = Math.min(rows, 1);
  for (const attribute of attributes) {
    const next = new Int32Array(rows);
    count = refine({ ids, count }, attribute, next);
    ids = next;
  }
  return { ids, count };
}

/** Cells that are looked up in an array of this length or in one of twice the rows, whichever is longer; more of them are hashed. */
const DENSE_CELLS = 1 << 22;

/** Splits groups by one more attribute: writes the new group of each row into `out`, groups numbered from 0 in the order in which they
 * first come, and returns how many there are. */
export function refine(
  groups: { readonly ids: Int32Array; readonly count: number },
  attribute: Attribute,
  out: Int32Array,
): number {
  const size = attribute.values.length;
  const cells = groups.count * size;
  if (cells > Math.max(DENSE_CELLS, out.length * 2))
    return refineByHash(groups.ids, attribute, out);
  const idOf = new Int32Array(cells);
  const { codes } = attribute;
  const { ids } = groups;
  let count = 0;
  for (let row = 0; row < out.length; row++) {
    const cell = ids[row]! * size + codes[row]!;
    let id = idOf[cell]!;
    // 0 stands for "not seen yet", so that the array needs no filling.
    if (id === 0) idOf[cell] = id = ++count;
    out[row] = id - 1;
  }
  return count;
}

/** Open addressing over at least twice the rows: there is always a free slot. */
function refineByHash(ids: Int32Array, attribute: Attribute, out: Int32Array): number {
  const { codes, values } = attribute;
  const bits = Math.ceil(Math.log2(out.length * 2 + 2));
  const mask = 2 ** bits - 1;
  const keys = new Float64Array(mask + 1);
  const idOf = new Int32Array(mask + 1);
  let count = 0;
  for (let row = 0; row < out.length; row++) {
    const key = ids[row]! * values.length + codes[row]!;
    let slot = (Math.imul(key % 0x7fffffff, 0x9e3779b1) >>> (32 - bits)) & mask;
    while (idOf[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
    if (idOf[slot] === 0) {
      keys[slot] = key;
      idOf[slot] = ++count;
    }
    out[row] = idOf[slot]! - 1;
  }
  return count;
}
