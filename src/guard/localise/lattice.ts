/** Walks the lattice: every way to choose attributes (a cuboid) splits the leaves into elements such as `a=a1&b=b2`. Sums of a coarser cuboid are added up from
 * the elements of a finer one, not from the leaves, so that a million leaves are read a few times instead of sixty. Pure. */
import { group, type Attribute } from './group.ts';

/** One choice of attributes, with the sums of its elements; valid only during the visit. */
export interface Cuboid {
  /** Bit i is set when attribute i is chosen. */
  readonly mask: number;
  readonly count: number;
  /** `width` numbers per element. */
  readonly cells: Float64Array;
  /** A leaf of each element: the first one. */
  readonly first: Int32Array;
}

/** Visits every cuboid once, from all attributes down to none (the whole). `sums` holds `width` numbers per leaf; no two leaves have the same values
 * (`aggregate()`). Shape: depth first, so that at most as many cuboids as there are attributes are held at once. */
export function visitCuboids(
  input: {
    readonly attributes: readonly Attribute[];
    readonly sums: Float64Array;
    readonly width: number;
  },
  visit: (cuboid: Cuboid) => void,
): void {
  const { attributes, sums, width } = input;
  const leaves = sums.length / width;
  const descend = (cuboid: Cuboid, from: number): void => {
    visit(cuboid);
    for (let at = from; at < attributes.length; at++)
      descend(coarser({ attributes, width, cuboid, dropped: at }), at + 1);
  };
  const all = 2 ** attributes.length - 1;
  const first = Int32Array.from({ length: leaves }, (_, leaf) => leaf);
  descend({ mask: all, count: leaves, cells: sums, first }, 0);
}

/** Ones of a mask: how many attributes a cuboid names. */
export function layerOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function coarser(input: {
  readonly attributes: readonly Attribute[];
  readonly width: number;
  readonly cuboid: Cuboid;
  readonly dropped: number;
}): Cuboid {
  const { width, cuboid } = input;
  const mask = cuboid.mask & ~(1 << input.dropped);
  const named = input.attributes.filter((_, at) => (mask & (1 << at)) !== 0);
  const ids = new Int32Array(cuboid.count);
  const count = group({ named, first: cuboid.first, ids });
  const cells = new Float64Array(count * width);
  const first = new Int32Array(count);
  for (let from = cuboid.count - 1; from >= 0; from--) {
    const id = ids[from]!;
    first[id] = cuboid.first[from]!;
    const to = id * width;
    const offset = from * width;
    for (let k = 0; k < width; k++) cells[to + k]! += cuboid.cells[offset + k]!;
  }
  return { mask, count, cells, first };
}
