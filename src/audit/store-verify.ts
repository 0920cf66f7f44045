/** Statements that read the stream and its leaves by the page, each page as one text: millions of rows cross the driver as a few cells.
 * Fields are parted by U+001F and rows by U+001E; the reader counts both, so a row that holds one of them is noticed. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface PageText {
  readonly count: number;
  readonly text: string;
}

export interface PageAsked {
  readonly xid: string;
  readonly id: string;
  readonly limit: number;
}

/** The next `limit` events after a cursor in stream order: id, xid, on_date, at in ms, kind, subject, data. */
export async function selectEventPage(db: Queryable, input: PageAsked): Promise<PageText> {
  const [page] = await db.query<PageText>(sql`
    select count(*)::integer as count, coalesce(string_agg(concat(id, E'\\x1f', xid, E'\\x1f', on_date, E'\\x1f',
      (date_part('epoch', at) * 1000)::bigint, E'\\x1f', kind, E'\\x1f', subject, E'\\x1f', data), E'\\x1e' order by xid, id), '') as text
    from (
      select id, xid, on_date, at, kind, subject, data from event
      where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint)
      order by event.xid, event.id limit ${input.limit}::integer
    ) page`);
  return page!;
}

/** The same as rows: slower, and right for any text. */
export function selectEventRows(
  db: Queryable,
  input: PageAsked,
): Promise<
  {
    id: string;
    xid: string;
    onDate: string;
    atMs: string;
    kind: string;
    subject: string;
    data: string;
  }[]
> {
  return db.query(sql`
    select id::text as id, xid::text as xid, on_date as "onDate", ((extract(epoch from at) * 1000)::bigint)::text as "atMs", kind, subject, data
    from event where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint)
    order by event.xid, event.id limit ${input.limit}::integer`);
}

/** Leaves from one position up to another, `to` exclusive: event id and date of each, and all hashes in a row. */
export async function selectLeafPage(
  db: Queryable,
  input: { readonly from: bigint; readonly to: bigint },
): Promise<PageText & { readonly hashes: Buffer }> {
  const [page] = await db.query<PageText & { hashes: Buffer }>(sql`
    select count(*)::integer as count, coalesce(string_agg(concat(event_id, E'\\x1f', event_on_date), E'\\x1e' order by position), '') as text,
      coalesce(string_agg(hash, '' order by position), '') as hashes
    from audit_leaf where position >= ${input.from} and position < ${input.to}`);
  return page!;
}

/** The first position at or after `from` that has no leaf, below `to`. */
export async function selectLeafGap(
  db: Queryable,
  input: { readonly from: bigint; readonly to: bigint },
): Promise<bigint> {
  const [row] = await db.query<{ position: bigint }>(sql`
    select p.position from generate_series(${input.from}::bigint, ${input.to}::bigint - 1) as p (position)
    where not exists (select from audit_leaf where audit_leaf.position = p.position) order by 1 limit 1`);
  return row?.position ?? input.to;
}

/** Where this snapshot is complete: no event below this transaction id can still appear. */
export async function selectStableXid(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ xid: string }>(
    sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`,
  );
  return BigInt(row!.xid);
}

/** About how many events there are: what the planner knows, or what is under the last checkpoint. For progress only. */
export async function selectEventEstimate(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: bigint }>(sql`
    select greatest(
      (select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'event'::regclass),
      (select coalesce(max(size), 0) from audit_checkpoint)) as count`);
  return Number(row!.count);
}
