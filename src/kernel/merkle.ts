/** The Merkle tree of RFC 6962 section 2.1 over leaf hashes: roots, inclusion and consistency proofs, and their checks. Pure; knows no
 * event and no table. Large trees are not held in memory: a `Frontier` carries the roots of the full subtrees only, and proofs ask a
 * `RangeRoot` for the hash of any range. */
import { hash } from 'node:crypto';

/** Prefixes keep a leaf from passing as a node. */
const LEAF_PREFIX = Buffer.from([0]);
/** Of SHA-256. */
export const HASH_BYTES = 32;
/** 0x01, left, right. Filled and hashed without a pause, so one is enough. */
const nodeBytes = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** SHA-256(0x00 || data). */
export function leafHash(data: string | Uint8Array): Buffer {
  const bytes = typeof data === 'string' ? `\u0000${data}` : Buffer.concat([LEAF_PREFIX, data]);
  return sha256Of(bytes);
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(children: {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
}): Buffer {
  nodeBytes.set(children.left, 1);
  nodeBytes.set(children.right, 1 + HASH_BYTES);
  return sha256Of(nodeBytes);
}

/** A digest that comes as text and goes into Node's pool of small buffers costs half of one that comes as a buffer. */
function sha256Of(bytes: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'latin1'), 'latin1');
}

/** The root of no leaves: the hash of the empty string. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** The root over leaf hashes held in memory. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  const frontier = newFrontier();
  for (const leaf of leaves) appendLeaf(frontier, leaf);
  return frontierRoot(frontier);
}

/** The roots of the full subtrees of a tree, largest first, and its size: all that is needed to go on appending. */
export interface Frontier {
  size: bigint;
  readonly peaks: { readonly height: number; readonly hash: Uint8Array }[];
}

/** The frontier of no leaves. */
export function newFrontier(): Frontier {
  return { size: 0n, peaks: [] };
}

/** Appends one leaf hash. At most log2(size) hashes. `onNode` hears of each full subtree that the leaf completes; the `position`
 * counts subtrees of that height from the left. */
export function appendLeaf(
  frontier: Frontier,
  leaf: Uint8Array,
  onNode?: (node: {
    readonly height: number;
    readonly position: bigint;
    readonly hash: Uint8Array;
  }) => void,
): void {
  let top: { height: number; hash: Uint8Array } = { height: 0, hash: leaf };
  for (;;) {
    const last = frontier.peaks.at(-1);
    if (last?.height !== top.height) break;
    frontier.peaks.pop();
    top = { height: top.height + 1, hash: nodeHash({ left: last.hash, right: top.hash }) };
    onNode?.({ ...top, position: ((frontier.size + 1n) >> BigInt(top.height)) - 1n });
  }
  frontier.peaks.push(top);
  frontier.size++;
}

/** The root of everything appended so far. */
export function frontierRoot(frontier: Frontier): Buffer {
  const last = frontier.peaks.at(-1);
  if (!last) return EMPTY_ROOT;
  let root = last.hash;
  for (let i = frontier.peaks.length - 2; i >= 0; i--)
    root = nodeHash({ left: frontier.peaks[i]!.hash, right: root });
  return Buffer.from(root);
}

/** A range of leaves, `to` exclusive. */
export interface LeafRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Hash of the subtree over a range of leaves; the tree of those leaves alone. */
export type RangeRoot = (range: LeafRange) => Promise<Uint8Array>;

/** The ranges whose hashes prove that leaf `index` is in the tree of `size` leaves, nearest first. RFC 6962 section 2.1.1.
 * Throws RangeError when the leaf is not in the tree. */
export function inclusionRanges(input: {
  readonly index: bigint;
  readonly size: bigint;
}): readonly LeafRange[] {
  if (input.index < 0n || input.index >= input.size)
    throw new RangeError('Cannot prove inclusion: no such leaf');
  const path: LeafRange[] = [];
  let from = 0n;
  let to = input.size;
  while (to - from > 1n) {
    const middle = from + splitOf(to - from);
    if (input.index < middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/** The ranges whose hashes prove that the tree of `older` leaves is a prefix of the tree of `newer`. RFC 6962 section 2.1.2. */
export function consistencyRanges(input: {
  readonly older: bigint;
  readonly newer: bigint;
}): readonly LeafRange[] {
  if (input.older < 0n || input.older > input.newer)
    throw new RangeError('Cannot prove consistency: sizes are the wrong way round');
  if (input.older === 0n || input.older === input.newer) return [];
  const path: LeafRange[] = [];
  let from = 0n;
  let to = input.newer;
  while (input.older !== to) {
    const middle = from + splitOf(to - from);
    if (input.older <= middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  // The older tree itself is known to the checker; a subtree inside it is not.
  if (from > 0n) path.push({ from, to });
  return path.reverse();
}

/** Hashes for ranges, in order. */
export async function proofOf(
  ranges: readonly LeafRange[],
  rangeRoot: RangeRoot,
): Promise<readonly Uint8Array[]> {
  const proof: Uint8Array[] = [];
  for (const range of ranges) proof.push(await rangeRoot(range));
  return proof;
}

/** True when `proof` leads from the leaf to the root. RFC 9162 section 2.1.3.2. Never throws. */
export function verifyInclusion(input: {
  readonly leaf: Uint8Array;
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  if (input.index < 0n || input.index >= input.size) return false;
  let position = input.index;
  let last = input.size - 1n;
  let hash = input.leaf;
  for (const sibling of input.proof) {
    if (last === 0n) return false;
    if (position % 2n === 1n || position === last) {
      hash = nodeHash({ left: sibling, right: hash });
      while (position % 2n === 0n && position !== 0n) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash({ left: hash, right: sibling });
    }
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n && Buffer.from(hash).equals(input.root);
}

/** True when `proof` shows that the newer tree only appends to the older one. RFC 9162 section 2.1.4.2. Never throws. */
export function verifyConsistency(input: {
  readonly older: bigint;
  readonly newer: bigint;
  readonly olderRoot: Uint8Array;
  readonly newerRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { older, newer, proof } = input;
  if (older < 0n || older > newer) return false;
  if (older === newer)
    return proof.length === 0 && Buffer.from(input.olderRoot).equals(input.newerRoot);
  if (older === 0n) return proof.length === 0 && EMPTY_ROOT.equals(input.olderRoot);
  const isPowerOfTwo = (older & (older - 1n)) === 0n;
  const path = isPowerOfTwo ? [input.olderRoot, ...proof] : proof;
  let position = older - 1n;
  let last = newer - 1n;
  while (position % 2n === 1n) {
    position >>= 1n;
    last >>= 1n;
  }
  let oldHash = path[0];
  let newHash = path[0];
  if (!oldHash || !newHash) return false;
  for (const sibling of path.slice(1)) {
    if (last === 0n) return false;
    if (position % 2n === 1n || position === last) {
      oldHash = nodeHash({ left: sibling, right: oldHash });
      newHash = nodeHash({ left: sibling, right: newHash });
      while (position % 2n === 0n && position !== 0n) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      newHash = nodeHash({ left: newHash, right: sibling });
    }
    position >>= 1n;
    last >>= 1n;
  }
  return (
    last === 0n &&
    Buffer.from(oldHash).equals(input.olderRoot) &&
    Buffer.from(newHash).equals(input.newerRoot)
  );
}

/** The largest power of two below `size`. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}
