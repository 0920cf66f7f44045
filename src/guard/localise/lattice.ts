/** Walks the lattice: every way to choose attributes (a cuboid), each of which splits the rows into elements such as `a=a1&b=b2`. Pure. */
import { refine, type Attribute } from './table.ts';

/** One choice of attributes and what it does to the rows. */
export interface Cuboid {
  /** Bit i is set when attribute i is chosen. */
  readonly mask: number;
  /** Element of each row, from 0; valid only during the visit. */
  readonly ids: Int32Array;
  readonly count: number;
}

/** Visits every cuboid once, the one of no attribute (all rows) first. A cuboid whose elements are single rows is the last on its way down: more attributes
 * would only give the same elements longer names. Shape: depth first, one scratch array per level, nothing kept. */
export function visitCuboids(
  attributes: readonly Attribute[],
  rows: number,
  visit: (cuboid: Cuboid) => void,
): void {
  const scratch = Array.from({ length: attributes.length + 1 }, () => new Int32Array(rows));
  const descend = (cuboid: Cuboid, from: number, depth: number): void => {
    visit(cuboid);
    if (cuboid.count === rows && cuboid.mask !== 0) return;
    for (let at = from; at < attributes.length; at++) {
      const ids = scratch[depth + 1]!;
      const count = refine(cuboid, attributes[at]!, ids);
      descend({ mask: cuboid.mask | (1 << at), ids, count }, at + 1, depth + 1);
    }
  };
  descend({ mask: 0, ids: scratch[0]!, count: Math.min(rows, 1) }, 0, 0);
}

/** Ones of a mask: how many attributes a cuboid names. */
export function layerOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
