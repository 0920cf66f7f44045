/** Recomputes the whole audit tree from the events and compares it with what was kept and signed. Reads along one pass over the stream
 * (stream.ts); changes nothing. */
import type { Db, Queryable } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import { checkpointText, eventText } from './checkpoint.ts';
import {
  appendLeaf,
  EMPTY_ROOT,
  frontierRoot,
  HASH_BYTES,
  leafHash,
  newFrontier,
  type Frontier,
} from '../kernel/merkle.ts';
import * as store from './store.ts';
import * as pages from './store-verify.ts';
import { readThrough, type StreamPage, type StreamReader, type StreamRow } from './stream.ts';
import { STORED_HEIGHTS } from './tree.ts';
import { compareArchived } from './verify-archived.ts';

/** The first row where the stream and the tree part. */
export type AuditProblem =
  /** The row is not what was committed to. */
  | { readonly kind: 'event_changed'; readonly position: bigint; readonly eventId: bigint }
  | { readonly kind: 'event_missing'; readonly position: bigint; readonly eventId: bigint }
  /** A row that was slipped in behind a checkpoint. */
  | { readonly kind: 'event_added'; readonly position: bigint; readonly eventId: bigint }
  | { readonly kind: 'leaf_missing'; readonly position: bigint }
  /** A row of an archive file is not what was committed to, or a row before it is gone. */
  | {
      readonly kind: 'file_row_changed';
      readonly file: string;
      readonly position: bigint;
      readonly eventId: bigint;
    }
  | { readonly kind: 'file_row_missing'; readonly file: string; readonly position: bigint }
  /** Or, below the archive's floor, one of the 2^height rows from that many times `position` on is changed, and its mark with it. */
  | { readonly kind: 'node_wrong'; readonly height: number; readonly position: bigint }
  | { readonly kind: 'root_wrong' | 'signature_wrong' | 'cursor_wrong'; readonly size: bigint };

export interface AuditReport {
  readonly ok: boolean;
  /** Hex; the root recomputed over `size` leaves. */
  readonly root: string;
  readonly size: bigint;
  readonly checkpoints: number;
  readonly problems: readonly AuditProblem[];
}

/** What an auditor knows between two pages; all of it fits in a state file. */
export interface AuditState {
  readonly frontier: Frontier;
  checkpoints: number;
  readonly problems: AuditProblem[];
}

/** An auditor of nothing yet. */
export function newAuditState(): AuditState {
  return { frontier: newFrontier(), checkpoints: 0, problems: [] };
}

export interface Auditor extends StreamReader {
  readonly state: AuditState;
  /** What was found, after the last page. */
  report(): Promise<AuditReport>;
}

type Verify = (bytes: Buffer, signature: Buffer) => boolean;

/** Checks every event up to the newest checkpoint: the leaf of each row, the order, the stored subtree roots, and the root and
 * signature of every checkpoint. Stops at the first wrong event, which it names. May run beside a working system. */
export function verifyAudit(
  db: Db,
  input: { readonly verifySignature: Verify },
): Promise<AuditReport> {
  return withSnapshot(db, async (tx) => {
    const auditor = await openAuditor(tx, input);
    await readThrough(tx, { readers: [auditor] });
    return auditor.report();
  });
}

/** Opens an auditor on a snapshot, at the beginning or where `state` stands. */
export async function openAuditor(
  tx: Queryable,
  input: { readonly verifySignature: Verify; readonly state?: AuditState },
): Promise<Auditor> {
  const [last] = await store.selectLastCheckpoint(tx);
  const state = input.state ?? newAuditState();
  const { frontier, problems } = state;
  const size = last?.size ?? 0n;
  let hasPassed = false;
  return {
    state,
    isDone: () => problems.length > 0 || hasPassed,
    ask(page) {
      if (problems.length > 0 || hasPassed || !last) {
        hasPassed = true;
        return async () => {};
      }
      const end = page.from + BigInt(page.rows.length);
      const to = end < size ? end : size;
      const asked = Promise.all([
        pages.selectLeafPage(tx, { from: page.from, to }),
        store.selectCheckpoints(tx, { above: page.from, upTo: to }),
      ]);
      asked.catch(() => {});
      return async () => {
        if (problems.length > 0) return;
        const [leaves, due] = await asked;
        const { verifySignature } = input;
        if (page.from < to)
          await comparePage(tx, { state, page, leaves, due, to, verifySignature });
        if (problems.length > 0 || end < size) return;
        const extra = page.rows[Number(size - page.from)];
        if (extra && isCovered(extra, last))
          problems.push({ kind: 'event_added', position: size, eventId: BigInt(extra.id) });
        if (extra) hasPassed = true;
      };
    },
    async report() {
      if (problems.length === 0 && frontier.size < size) {
        const position = frontier.size;
        const [leaf] = await store.selectLeaves(tx, { from: position, to: position + 1n });
        problems.push(
          leaf
            ? { kind: 'event_missing', position, eventId: leaf.eventId }
            : { kind: 'leaf_missing', position },
        );
      }
      return {
        ok: problems.length === 0,
        root: (frontier.size === 0n ? EMPTY_ROOT : frontierRoot(frontier)).toString('hex'),
        size: frontier.size,
        checkpoints: state.checkpoints,
        problems,
      };
    },
  };
}

function isCovered(event: StreamRow, last: store.CheckpointRow): boolean {
  const xid = BigInt(event.xid);
  const lastXid = BigInt(last.cursorXid);
  return xid < lastXid || (xid === lastXid && BigInt(event.id) <= last.cursorId);
}

interface Comparison {
  readonly state: AuditState;
  readonly page: StreamPage;
  readonly leaves: pages.PageText & { readonly hashes: Buffer };
  readonly due: readonly store.CheckpointRow[];
  readonly to: bigint;
  readonly verifySignature: Verify;
}

/** Appends the page's events to the frontier, checking each against its leaf and each checkpoint on the way. */
async function comparePage(tx: Queryable, input: Comparison): Promise<void> {
  const { page, leaves, to, state } = input;
  const { frontier, problems } = state;
  const due = new Map(input.due.map((checkpoint) => [checkpoint.size, checkpoint]));
  if (page.archived) return compareFilePage(tx, { ...input, due });
  const nodes: store.NodeRow[] = [];
  const isWhole = BigInt(leaves.count) === to - page.from;
  const until = isWhole ? to : await pages.selectLeafGap(tx, { from: page.from, to });
  const told = leaves.text.split('\u001e');
  const isEvenlyHashed = leaves.hashes.length === leaves.count * HASH_BYTES;
  for (let position = page.from; position < until && problems.length === 0; position++) {
    const at = Number(position - page.from);
    const event = page.rows[at];
    if (`${event?.id}\u001f${event?.onDate}` !== told[at]) {
      problems.push(await namePlace(tx, { event, leaf: told[at]!, position }));
      break;
    }
    const hash = leafHash(eventText(event!));
    const kept = leaves.hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    if (!isEvenlyHashed || !hash.equals(kept)) {
      problems.push({ kind: 'event_changed', position, eventId: BigInt(event!.id) });
      break;
    }
    appendLeaf(
      frontier,
      hash,
      (node) => void (node.height % STORED_HEIGHTS === 0 && nodes.push(node)),
    );
    const checkpoint = due.get(frontier.size);
    if (!checkpoint) continue;
    state.checkpoints++;
    problems.push(...compareCheckpoint(checkpoint, { ...input, event: event! }));
  }
  if (problems.length === 0 && !isWhole) problems.push({ kind: 'leaf_missing', position: until });
  if (problems.length === 0) problems.push(...(await compareNodes(tx, nodes)));
}

/** The same for a page of an archive file. */
async function compareFilePage(
  tx: Queryable,
  input: Omit<Comparison, 'due'> & { readonly due: ReadonlyMap<bigint, store.CheckpointRow> },
): Promise<void> {
  const { page, to, state, due } = input;
  const { frontier, problems } = state;
  const archived = page.archived!;
  const found = await compareArchived(tx, {
    frontier,
    page: { ...page, archived },
    to,
    onLeaf(event) {
      const checkpoint = due.get(frontier.size);
      if (!checkpoint) return [];
      state.checkpoints++;
      return compareCheckpoint(checkpoint, { ...input, event });
    },
  });
  // A wrong block is named before a wrong root above it.
  problems.push(...(await compareNodes(tx, found.nodes)), ...found.problems);
}

/** The stream and the leaves part here: either a row is gone or one was slipped in. */
async function namePlace(
  tx: Queryable,
  input: {
    readonly event: StreamRow | undefined;
    readonly leaf: string;
    readonly position: bigint;
  },
): Promise<AuditProblem> {
  const { event, position } = input;
  const [id, onDate] = input.leaf.split('\u001f') as [string, string];
  const isThere = await store.hasEvent(tx, { id: BigInt(id), onDate });
  return isThere && event
    ? { kind: 'event_added', position, eventId: BigInt(event.id) }
    : { kind: 'event_missing', position, eventId: BigInt(id) };
}

function compareCheckpoint(
  checkpoint: store.CheckpointRow,
  input: Omit<Comparison, 'due'> & { readonly event: StreamRow | undefined },
): readonly AuditProblem[] {
  const { size } = checkpoint;
  const problems: AuditProblem[] = [];
  if (!frontierRoot(input.state.frontier).equals(checkpoint.root))
    problems.push({ kind: 'root_wrong', size });
  const { event } = input;
  if (event && (checkpoint.cursorXid !== event.xid || String(checkpoint.cursorId) !== event.id))
    problems.push({ kind: 'cursor_wrong', size });
  if (!input.verifySignature(Buffer.from(checkpointText(checkpoint)), checkpoint.signature))
    problems.push({ kind: 'signature_wrong', size });
  return problems;
}

async function compareNodes(
  db: Queryable,
  nodes: readonly store.NodeRow[],
): Promise<readonly AuditProblem[]> {
  const problems: AuditProblem[] = [];
  for (const { height, position, hash } of nodes) {
    const [stored] = await store.selectNodes(db, { height, from: position, to: position + 1n });
    if (!stored || !Buffer.from(hash).equals(stored.hash))
      problems.push({ kind: 'node_wrong', height, position });
  }
  return problems;
}
