import type { Queryable } from '../db/pool.ts';
import type { StreamEvent } from './event.ts';
import { selectEventsAfter } from './store.ts';

/** Where a reader stands: everything up to and including this row has been read. */
export interface StreamCursor {
  readonly xid: bigint;
  readonly id: bigint;
}

/** Before the first event. */
export const STREAM_START: StreamCursor = { xid: 0n, id: 0n };

/** The next events after a cursor, ordered by (xid, id).
 * Shape: at most `limit`; an event appears once no older transaction is still running, so that a late commit is never skipped and
 * every reader sees the same order (I10). "Older" counts every database of the server, so a just committed event may show a moment
 * later: poll, never expect. Call it outside a transaction, or in one that has written nothing. */
export async function readEvents(
  db: Queryable,
  input: { readonly after?: StreamCursor; readonly limit: number },
): Promise<readonly StreamEvent[]> {
  const after = input.after ?? STREAM_START;
  const rows = await selectEventsAfter(db, {
    xid: after.xid.toString(),
    id: after.id,
    limit: input.limit,
  });
  return rows.map((row) => ({
    xid: BigInt(row.xid),
    id: row.id,
    atMs: Number(row.atMs),
    kind: row.kind,
    subject: row.subject,
    data: JSON.parse(row.data) as Readonly<Record<string, unknown>>,
  }));
}
