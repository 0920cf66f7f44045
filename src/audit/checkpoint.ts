/** Turns the event stream into a Merkle tree with signed checkpoints, in transactions of its own, after the events are committed (T17:
 * a chain inside the payment's transaction would serialise the ledger). */
import type { Db, Queryable } from '../db/pool.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import {
  appendLeaf,
  consistencyRanges,
  frontierRoot,
  HASH_BYTES,
  inclusionRanges,
  proofOf,
} from '../kernel/merkle.ts';
import * as store from './store.ts';
import { loadFrontier, storedRangeRoot, STORED_HEIGHTS } from './tree.ts';

/** Events per checkpoint transaction; the caller goes on while `hasMore`. */
const LEAVES_MAX = 5_000;

export interface Checkpoint {
  readonly size: bigint;
  readonly root: Buffer;
  readonly added: number;
  /** True when more events may be waiting. */
  readonly hasMore: boolean;
}

/** Appends the leaves of events committed since the last checkpoint, in stream order, and one signed checkpoint.
 * Shape: incremental; one transaction; undefined when there was nothing new. `sign` gets `checkpointText` bytes and must not call out
 * (I11). Several makers wait for each other; payments never wait for one. */
export async function makeCheckpoint(
  db: Db,
  input: {
    readonly nowMs: number;
    readonly sign: (bytes: Buffer) => Buffer;
    readonly leavesMax?: number;
  },
): Promise<Checkpoint | undefined> {
  const limit = input.leavesMax ?? LEAVES_MAX;
  return db.tx(async (tx) => {
    await store.lockCheckpoints(tx);
    const [last] = await store.selectLastCheckpoint(tx);
    const from = last?.size ?? 0n;
    const appended = await store.appendLeaves(tx, {
      xid: last?.cursorXid ?? '0',
      id: last?.cursorId ?? 0n,
      from,
      limit,
    });
    const { count, hashes, xid, id } = appended;
    if (xid === null || id === null) return undefined;
    const frontier = await loadFrontier(tx, from);
    const nodes: store.NodeRow[] = [];
    for (let at = 0; at < count; at++)
      appendLeaf(
        frontier,
        hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
        (node) => void (node.height % STORED_HEIGHTS === 0 && nodes.push(node)),
      );
    const made = {
      size: frontier.size,
      root: frontierRoot(frontier),
      cursorXid: xid,
      cursorId: id,
      madeAtMs: BigInt(input.nowMs),
    };
    if (nodes.length > 0) await store.insertNodes(tx, nodes);
    await store.insertCheckpoint(tx, {
      ...made,
      signature: input.sign(Buffer.from(checkpointText(made))),
    });
    return {
      size: made.size,
      root: made.root,
      added: count,
      hasMore: count === limit,
    };
  });
}

/** The bytes of an event that its leaf commits to: every column of the row, as `canonicalJson` would write it. Spelled out, because
 * `pulih verify` does it for every event there ever was; a test compares the two. */
export function eventText(row: {
  readonly [column in keyof store.EventRow]: store.EventRow[column] | string;
}): string {
  const { id, xid, onDate, atMs, kind, subject, data } = row;
  return `{"atMs":"${atMs}","data":${JSON.stringify(data)},"id":"${id}","kind":${JSON.stringify(kind)},"onDate":"${onDate}","subject":${JSON.stringify(subject)},"xid":"${xid}"}`;
}

/** The text that a checkpoint's signature covers. */
export function checkpointText(row: Omit<store.CheckpointRow, 'signature'>): string {
  const { size, cursorXid, cursorId, madeAtMs } = row;
  return canonicalJson({
    kind: 'audit_checkpoint',
    version: 1,
    size,
    root: row.root.toString('hex'),
    cursorXid,
    cursorId,
    madeAtMs,
  });
}

/** Proves to an outsider that one event is under the newest checkpoint; undefined while it is not yet.
 * Check with `verifyInclusion` and the checkpoint's signature. */
export async function proveEvent(db: Queryable, eventId: bigint) {
  const [checkpoint] = await store.selectLastCheckpoint(db);
  const [leaf] = await store.selectLeafOfEvent(db, eventId);
  if (!checkpoint || !leaf || leaf.position >= checkpoint.size) return undefined;
  const ranges = inclusionRanges({ index: leaf.position, size: checkpoint.size });
  const proof = await proofOf(ranges, (range) => storedRangeRoot(db, range));
  return {
    checkpoint,
    leaf: leaf.hash,
    index: leaf.position,
    size: checkpoint.size,
    root: checkpoint.root,
    proof,
  };
}

/** Proves that the tree of `newer` leaves only appended to the tree of `older`. Check with `verifyConsistency`. */
export async function proveConsistency(
  db: Queryable,
  sizes: { readonly older: bigint; readonly newer: bigint },
) {
  return proofOf(consistencyRanges(sizes), (range) => storedRangeRoot(db, range));
}
