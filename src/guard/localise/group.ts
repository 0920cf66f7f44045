/** Numbers the combinations of attribute values that occur. Pure. */

/** One attribute: `values[codes[leaf]]` is what the leaf says. */
export interface Attribute {
  readonly name: string;
  readonly values: readonly string[];
  readonly codes: Int32Array;
}

/** Combinations of values that are looked up in an array of this length, or of four times the elements; more are hashed. */
const DENSE_MAX = 1 << 16;

/** Numbers the combinations of values of the leaves `first`, from 0 in the order in which they come, into `ids` (all 0 before); returns how many there are. */
export function group(input: {
  readonly named: readonly Attribute[];
  readonly first: Int32Array;
  readonly ids: Int32Array;
}): number {
  const { named, first, ids } = input;
  const space = named.reduce((product, { values }) => product * values.length, 1);
  if (space > Math.max(DENSE_MAX, first.length * 4)) return groupByHash(input);
  for (const { codes, values } of named) {
    const size = values.length;
    for (let at = 0; at < ids.length; at++) ids[at] = ids[at]! * size + codes[first[at]!]!;
  }
  const numberOf = new Int32Array(space);
  let count = 0;
  for (let at = 0; at < ids.length; at++) {
    const key = ids[at]!;
    // 0 stands for "not seen yet", so that the array needs no filling.
    if (numberOf[key] === 0) numberOf[key] = ++count;
    ids[at] = numberOf[key]! - 1;
  }
  return count;
}

const HASH_FACTOR = 0x01000193;

/** Open addressing over at least twice the elements: there is always a free slot. */
function groupByHash(input: {
  readonly named: readonly Attribute[];
  readonly first: Int32Array;
  readonly ids: Int32Array;
}): number {
  const { named, first, ids } = input;
  const slots = 2 ** Math.ceil(Math.log2(ids.length * 2 + 2));
  const numberOf = new Int32Array(slots);
  const leafOf = new Int32Array(ids.length);
  for (const { codes } of named)
    for (let at = 0; at < ids.length; at++)
      ids[at] = Math.imul(ids[at]! ^ codes[first[at]!]!, HASH_FACTOR) + (ids[at]! >>> 15);
  const isSame = (one: number, other: number): boolean =>
    named.every(({ codes }) => codes[one] === codes[other]);
  let count = 0;
  for (let at = 0; at < ids.length; at++) {
    const leaf = first[at]!;
    const hash = ids[at]!;
    let slot = (hash ^ (hash >>> 13)) & (slots - 1);
    while (numberOf[slot] !== 0 && !isSame(leafOf[numberOf[slot]! - 1]!, leaf))
      slot = (slot + 1) & (slots - 1);
    if (numberOf[slot] === 0) {
      leafOf[count] = leaf;
      numberOf[slot] = ++count;
    }
    ids[at] = numberOf[slot]! - 1;
  }
  return count;
}
