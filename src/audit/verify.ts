/** Recomputes the whole audit tree from the events and compares it with what was kept and signed. Reads in pages; changes nothing. */
import type { Queryable } from '../db/pool.ts';
import { checkpointText, eventText } from './checkpoint.ts';
import {
  appendLeaf,
  EMPTY_ROOT,
  frontierRoot,
  leafHash,
  newFrontier,
  type Frontier,
} from './merkle.ts';
import * as store from './store.ts';
import { STORED_HEIGHTS } from './tree.ts';

/** The first row where the stream and the tree part. */
export type AuditProblem =
  /** The row is not what was committed to. */
  | { readonly kind: 'event_changed'; readonly position: bigint; readonly eventId: bigint }
  | { readonly kind: 'event_missing'; readonly position: bigint; readonly eventId: bigint }
  /** A row that was slipped in behind a checkpoint. */
  | { readonly kind: 'event_added'; readonly position: bigint; readonly eventId: bigint }
  | { readonly kind: 'leaf_missing'; readonly position: bigint }
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

/** Rows per read. */
const PAGE = 2_000;

/** Checks every event up to the newest checkpoint: the leaf of each row, the order, the stored subtree roots, and the root and
 * signature of every checkpoint. Stops at the first wrong event, which it names. May run beside a working system. */
export async function verifyAudit(
  db: Queryable,
  input: { readonly verifySignature: (bytes: Buffer, signature: Buffer) => boolean },
): Promise<AuditReport> {
  const [last] = await store.selectLastCheckpoint(db);
  if (!last)
    return { ok: true, root: EMPTY_ROOT.toString('hex'), size: 0n, checkpoints: 0, problems: [] };
  const frontier = newFrontier();
  const problems: AuditProblem[] = [];
  let cursor = { xid: '0', id: 0n };
  let checkpoints = 0;
  while (frontier.size < last.size && problems.length === 0) {
    const from = frontier.size;
    const to = from + BigInt(PAGE) < last.size ? from + BigInt(PAGE) : last.size;
    const events = await store.selectEventsWithin(db, {
      ...cursor,
      lastXid: last.cursorXid,
      lastId: last.cursorId,
      limit: Number(to - from),
    });
    const leaves = await store.selectLeaves(db, { from, to });
    const due = await store.selectCheckpoints(db, { above: from, upTo: to });
    const newest = events.at(-1);
    if (newest) cursor = { xid: newest.xid, id: newest.id };
    checkpoints += due.length;
    const nodes: store.NodeRow[] = [];
    problems.push(
      ...(await comparePage(db, {
        frontier,
        events,
        leaves,
        from,
        to,
        due,
        nodes,
        verifySignature: input.verifySignature,
      })),
    );
    if (problems.length === 0) problems.push(...(await compareNodes(db, nodes)));
  }
  if (problems.length === 0) {
    const [extra] = await store.selectEventsWithin(db, {
      ...cursor,
      lastXid: last.cursorXid,
      lastId: last.cursorId,
      limit: 1,
    });
    if (extra) problems.push({ kind: 'event_added', position: last.size, eventId: extra.id });
  }
  return {
    ok: problems.length === 0,
    root: frontierRoot(frontier).toString('hex'),
    size: frontier.size,
    checkpoints,
    problems,
  };
}

interface Page {
  readonly frontier: Frontier;
  readonly events: readonly store.EventRow[];
  readonly leaves: readonly store.LeafRow[];
  readonly from: bigint;
  readonly to: bigint;
  readonly due: readonly store.CheckpointRow[];
  readonly nodes: store.NodeRow[];
  readonly verifySignature: (bytes: Buffer, signature: Buffer) => boolean;
}

/** Appends the page's events to the frontier, checking each against its leaf and each checkpoint on the way. */
async function comparePage(db: Queryable, page: Page): Promise<readonly AuditProblem[]> {
  const problems: AuditProblem[] = [];
  const due = new Map(page.due.map((checkpoint) => [checkpoint.size, checkpoint]));
  for (let position = page.from; position < page.to; position++) {
    const event = page.events[Number(position - page.from)];
    const leaf = page.leaves[Number(position - page.from)];
    if (!leaf || leaf.position !== position)
      return [...problems, { kind: 'leaf_missing', position }];
    if (!event || event.id !== leaf.eventId || event.onDate !== leaf.eventOnDate) {
      const isThere = await store.hasEvent(db, { id: leaf.eventId, onDate: leaf.eventOnDate });
      if (isThere && event)
        return [...problems, { kind: 'event_added', position, eventId: event.id }];
      return [...problems, { kind: 'event_missing', position, eventId: leaf.eventId }];
    }
    const hash = leafHash(eventText(event));
    if (!hash.equals(leaf.hash))
      return [...problems, { kind: 'event_changed', position, eventId: event.id }];
    appendLeaf(
      page.frontier,
      hash,
      (node) => void (node.height % STORED_HEIGHTS === 0 && page.nodes.push(node)),
    );
    const checkpoint = due.get(page.frontier.size);
    if (checkpoint) problems.push(...compareCheckpoint(checkpoint, { ...page, event }));
  }
  return problems;
}

function compareCheckpoint(
  checkpoint: store.CheckpointRow,
  input: Pick<Page, 'frontier' | 'verifySignature'> & { readonly event: store.EventRow },
): readonly AuditProblem[] {
  const { size } = checkpoint;
  const problems: AuditProblem[] = [];
  if (!frontierRoot(input.frontier).equals(checkpoint.root))
    problems.push({ kind: 'root_wrong', size });
  if (checkpoint.cursorXid !== input.event.xid || checkpoint.cursorId !== input.event.id)
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
