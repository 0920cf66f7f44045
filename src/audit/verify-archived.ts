/** Compares a page of an archive file with the tree: its rows have no leaves in the table, but the nodes above them and the signed
 * checkpoints are there. */
import type { Queryable } from '../db/pool.ts';
import { eventText } from './checkpoint.ts';
import { appendLeaf, leafHash, type Frontier } from '../kernel/merkle.ts';
import * as store from './store.ts';
import type { ArchivedPage, StreamPage, StreamRow } from './stream.ts';
import { STORED_HEIGHTS } from './tree.ts';
import type { AuditProblem } from './verify.ts';

/** Appends the page's events to the frontier. Gives the first problem, and the nodes that were completed. */
export async function compareArchived(
  tx: Queryable,
  input: {
    readonly frontier: Frontier;
    readonly page: StreamPage & { readonly archived: ArchivedPage };
    readonly to: bigint;
    /** Without an event where the file was not read. */
    readonly onLeaf: (event: StreamRow | undefined) => readonly AuditProblem[];
  },
): Promise<{
  readonly problems: readonly AuditProblem[];
  readonly nodes: readonly store.NodeRow[];
}> {
  const { frontier, page, to } = input;
  const { file, marks, leafFloor } = page.archived;
  const nodes: store.NodeRow[] = [];
  const { unread } = page.archived;
  if (unread) return { problems: appendUnread(unread, { ...input, nodes }), nodes };
  const kept = await keptLeaves(tx, { from: page.from > leafFloor ? page.from : leafFloor, to });
  for (const [at, event] of page.rows.entries()) {
    const position = page.from + BigInt(at);
    if (position >= to) break;
    const mark = marks[at]!;
    const eventId = BigInt(event.id);
    if (mark.position !== String(position))
      return { problems: [{ kind: 'file_row_missing', file, position }], nodes };
    const hash = leafHash(eventText(event));
    const leaf = kept.get(position);
    if (!hash.toString('hex').startsWith(mark.check))
      return { problems: [{ kind: 'file_row_changed', file, position, eventId }], nodes };
    if (leaf ? !leaf.equals(hash) : position >= leafFloor)
      return { problems: [{ kind: 'event_changed', position, eventId }], nodes };
    appendLeaf(
      frontier,
      hash,
      (node) => void (node.height % STORED_HEIGHTS === 0 && nodes.push(node)),
    );
    const problems = input.onLeaf(event);
    if (problems.length > 0) return { problems, nodes };
  }
  return { problems: [], nodes };
}

/** Takes kept leaves as they are: only the nodes and checkpoints above them vouch for them. */
function appendUnread(
  leaves: readonly Buffer[],
  input: {
    readonly frontier: Frontier;
    readonly nodes: store.NodeRow[];
    readonly onLeaf: (event: undefined) => readonly AuditProblem[];
  },
): readonly AuditProblem[] {
  for (const leaf of leaves) {
    appendLeaf(
      input.frontier,
      leaf,
      (node) => void (node.height % STORED_HEIGHTS === 0 && input.nodes.push(node)),
    );
    const problems = input.onLeaf(undefined);
    if (problems.length > 0) return problems;
  }
  return [];
}

/** Leaves above the floor: there are few, where two months meet. */
async function keptLeaves(
  tx: Queryable,
  range: { readonly from: bigint; readonly to: bigint },
): Promise<ReadonlyMap<bigint, Buffer>> {
  const leaves = range.from < range.to ? await store.selectLeaves(tx, range) : [];
  return new Map(leaves.map(({ position, hash }) => [position, hash]));
}
