/** The Merkle tree as it is stored: every leaf, and the roots of full subtrees at heights 8, 16, 24 …, written once when they fill (the
 * tiles of transparency logs). A subtree of any other height is computed from at most 128 stored hashes, so a checkpoint costs
 * O(new leaves + log n) and a proof O(log n), whatever the age of the tree. */
import type { Queryable } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import {
  frontierRoot,
  merkleRoot,
  newFrontier,
  type Frontier,
  type LeafRange,
} from '../kernel/merkle.ts';
import { selectLeaves, selectNodes } from './store.ts';

/** Every how many heights the roots of full subtrees are stored. The schema checks it too. */
export const STORED_HEIGHTS = 8;

/** The frontier of the first `size` leaves, read from what is stored. */
export async function loadFrontier(db: Queryable, size: bigint): Promise<Frontier> {
  return frontierOf(db, { from: 0n, to: size });
}

/** The hash of the subtree over any range that a proof names. */
export async function storedRangeRoot(db: Queryable, range: LeafRange): Promise<Buffer> {
  return frontierRoot(await frontierOf(db, range));
}

async function frontierOf(db: Queryable, range: LeafRange): Promise<Frontier> {
  const frontier = newFrontier();
  let from = range.from;
  for (let height = heightOf(range.to - range.from); height >= 0; height--) {
    const width = 1n << BigInt(height);
    if (range.to - from < width) continue;
    frontier.peaks.push({
      height,
      hash: await fullSubtree(db, { height, position: from / width }),
    });
    from += width;
  }
  frontier.size = range.to - range.from;
  return frontier;
}

/** The root of a full subtree; `position` counts subtrees of its height from the left. */
async function fullSubtree(
  db: Queryable,
  subtree: { readonly height: number; readonly position: bigint },
): Promise<Buffer> {
  const above = subtree.height % STORED_HEIGHTS;
  const from = subtree.position << BigInt(above);
  const to = (subtree.position + 1n) << BigInt(above);
  const height = subtree.height - above;
  const rows =
    height === 0
      ? await selectLeaves(db, { from, to })
      : await selectNodes(db, { height, from, to });
  assert(BigInt(rows.length) === to - from, 'the hashes of a full subtree are stored');
  return merkleRoot(rows.map((row) => row.hash));
}

function heightOf(count: bigint): number {
  return count === 0n ? -1 : count.toString(2).length - 1;
}
