/** Every statement of the audit slice. `event` is the one ordered stream; `audit_leaf`, `audit_node` and `audit_checkpoint`
 * are the Merkle tree over it, written after commit (T17). */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface EventRow {
  readonly id: bigint;
  readonly xid: string;
  readonly onDate: string;
  readonly atMs: bigint;
  readonly kind: string;
  readonly subject: string;
  readonly data: string;
}

/** Inserts events in the order given. */
export async function insertEvents(
  tx: Queryable,
  rows: readonly { readonly onDate: string; readonly atMs: number; readonly kind: string; readonly subject: string; readonly data: string }[],
): Promise<void> {
  await tx.query(sql`
    insert into event (on_date, at, kind, subject, data)
    select e.on_date, to_timestamp(e.at_ms / 1000.0), e.kind, e.subject, e.data
    from unnest(${rows.map((row) => row.onDate)}::date[], ${rows.map((row) => row.atMs)}::bigint[],
      ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.subject)}::text[], ${rows.map((row) => row.data)}::text[])
      with ordinality as e (on_date, at_ms, kind, subject, data, position)
    order by e.position`);
}

/** The stream after a cursor, up to the oldest running transaction (I10): a row whose transaction commits later than one that
 * began after it is still ahead of every reader. */
export function selectEventsAfter(
  db: Queryable,
  input: { readonly xid: string; readonly id: bigint; readonly limit: number },
): Promise<EventRow[]> {
  return db.query<EventRow>(sql`
    select id, xid::text as xid, on_date as "onDate", (extract(epoch from at) * 1000)::bigint as "atMs", kind, subject, data
    from event
    where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by xid, id
    limit ${input.limit}`);
}
