import type { Queryable } from '../db/pool.ts';
import type { StreamEvent } from './event.ts';
import { selectEventsAfter, type EventRow } from './store.ts';

/** Where a reader stands: everything up to and including this row has been read. */
export interface StreamCursor {
  readonly xid: bigint;
  readonly id: bigint;
}

/** Before the first event. */
export const STREAM_START: StreamCursor = { xid: 0n, id: 0n };

/** One page of the stream. */
export interface StreamPart {
  readonly events: readonly StreamEvent[];
  /** Behind the page: where to go on. */
  readonly cursor: StreamCursor;
  /** True when the page was full and more may wait. */
  readonly isFull: boolean;
}

/** The next events after a cursor, ordered by (xid, id).
 * Shape: a page of at most `limit`, less those of a kind in `without`; an event appears once no older transaction is still running, so that
 * a late commit is never skipped and every reader sees the same order (I10). "Older" counts every database of the server, so a just
 * committed event may show a moment later: poll, never expect. Call it outside a transaction, or in one that has written nothing. */
export async function readEvents(
  db: Queryable,
  input: {
    readonly after?: StreamCursor;
    readonly limit: number;
    readonly without?: readonly string[];
  },
): Promise<StreamPart> {
  const { after = STREAM_START, limit, without = [] } = input;
  const rows = await selectEventsAfter(db, {
    xid: after.xid.toString(),
    id: after.id,
    limit,
    without,
  });
  const last = rows.at(-1);
  return {
    events: rows.filter((row) => !without.includes(row.kind)).map(toEvent),
    cursor: last ? { xid: BigInt(last.xid), id: last.id } : after,
    isFull: last !== undefined && last.position >= BigInt(limit),
  };
}

function toEvent(row: EventRow): StreamEvent {
  return {
    xid: BigInt(row.xid),
    id: row.id,
    atMs: Number(row.atMs),
    kind: row.kind,
    subject: row.subject,
    data: JSON.parse(row.data) as Readonly<Record<string, unknown>>,
  };
}
