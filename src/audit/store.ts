/** Every statement of the audit slice. `event` is the one ordered stream; `audit_leaf`, `audit_node` and `audit_checkpoint`
 * are the Merkle tree over it, written after commit (T17). */
import { byteaArray, dateArray, instantArray, int8Array, textArray } from '../db/array.ts';
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
  rows: readonly {
    readonly onDate: string;
    readonly atMs: number;
    readonly kind: string;
    readonly subject: string;
    readonly data: string;
  }[],
): Promise<void> {
  await tx.query(sql`
    insert into event (on_date, at, kind, subject, data)
    select e.on_date, e.at, e.kind, e.subject, e.data
    from unnest(${dateArray(rows.map((row) => row.onDate))}::date[], ${instantArray(rows.map((row) => row.atMs))}::timestamptz[],
      ${textArray(rows.map((row) => row.kind))}::text[], ${textArray(rows.map((row) => row.subject))}::text[], ${textArray(rows.map((row) => row.data))}::text[])
      with ordinality as e (on_date, at, kind, subject, data, position)
    order by e.position`);
}

/** A page of the stream after a cursor, up to the oldest running transaction (I10): a row whose transaction commits later than one that
 * began after it is still ahead of every reader. Kinds in `without` are left out, but the last row that the page covers is there whatever
 * its kind, so that a reader can go on behind it. `position` counts the page's rows from 1, those left out too. */
export function selectEventsAfter(
  db: Queryable,
  input: {
    readonly xid: string;
    readonly id: bigint;
    readonly limit: number;
    readonly without?: readonly string[];
  },
): Promise<(EventRow & { readonly position: bigint })[]> {
  return db.query(sql`
    select id, xid::text as xid, on_date as "onDate", (extract(epoch from at) * 1000)::bigint as "atMs", kind, subject, data, position
    from (
      select *, row_number() over stream as position, lead(id) over stream is null as is_last
      from (
        select id, xid, on_date, at, kind, subject, data from event
        where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by event.xid, event.id
        limit ${input.limit}::integer
      ) page
      window stream as (order by page.xid, page.id)
    ) counted
    where is_last or kind <> all(${textArray(input.without ?? [])}::text[])
    order by position`);
}

/** True when there is an event of this id and date. */
export async function hasEvent(
  db: Queryable,
  input: { readonly id: bigint; readonly onDate: string },
): Promise<boolean> {
  const rows = await db.query(
    sql`select 1 from event where id = ${input.id} and on_date = ${input.onDate}::date`,
  );
  return rows.length > 0;
}

export interface CheckpointRow {
  readonly size: bigint;
  readonly root: Buffer;
  readonly cursorXid: string;
  readonly cursorId: bigint;
  readonly madeAtMs: bigint;
  readonly signature: Buffer;
}

/** Any constant: one checkpoint is made at a time. */
const CHECKPOINT_LOCK = 7_262_031;

/** Keeps checkpoint makers apart until the end of the transaction. Payments never take this lock (T17). */
export async function lockCheckpoints(tx: Queryable): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(${CHECKPOINT_LOCK}::bigint)`);
}

/** The newest checkpoint, or none. */
export function selectLastCheckpoint(db: Queryable): Promise<CheckpointRow[]> {
  return db.query<CheckpointRow>(sql`
    select size, root, cursor_xid::text as "cursorXid", cursor_id as "cursorId",
      (extract(epoch from made_at) * 1000)::bigint as "madeAtMs", signature
    from audit_checkpoint order by size desc limit 1`);
}

/** Checkpoints above a size and up to another, ascending. */
export function selectCheckpoints(
  db: Queryable,
  input: { readonly above: bigint; readonly upTo: bigint },
): Promise<CheckpointRow[]> {
  return db.query<CheckpointRow>(sql`
    select size, root, cursor_xid::text as "cursorXid", cursor_id as "cursorId",
      (extract(epoch from made_at) * 1000)::bigint as "madeAtMs", signature
    from audit_checkpoint where size > ${input.above} and size <= ${input.upTo} order by size`);
}

/** Appends a checkpoint. */
export async function insertCheckpoint(tx: Queryable, row: CheckpointRow): Promise<void> {
  await tx.query(sql`
    insert into audit_checkpoint (size, root, cursor_xid, cursor_id, made_at, signature)
    values (${row.size}, ${row.root}, ${row.cursorXid}::xid8, ${row.cursorId}, to_timestamp(${row.madeAtMs}::bigint / 1000.0), ${row.signature})`);
}

export interface LeafRow {
  readonly position: bigint;
  readonly eventId: bigint;
  readonly eventOnDate: string;
  readonly hash: Buffer;
}

/** What was appended: the hashes of all leaves in a row, and the last event. */
export interface LeavesMade {
  readonly count: number;
  readonly hashes: Buffer;
  readonly xid: string | null;
  readonly id: bigint | null;
}

/** Appends the leaves of the next `limit` events after a cursor that no transaction can still come before (I10), the first at position
 * `from`. The database hashes the bytes of `eventText` (checkpoint.ts) itself: what was committed does not travel, only its hashes do;
 * `pulih verify` makes them from the rows again. */
export async function appendLeaves(
  tx: Queryable,
  input: {
    readonly xid: string;
    readonly id: bigint;
    readonly from: bigint;
    readonly limit: number;
  },
): Promise<LeavesMade> {
  const [made] = await tx.query<LeavesMade>(sql`
    with page as materialized (
      select p.*, ${input.from}::bigint - 1 + row_number() over (order by p.xid, p.id) as position from (
        select id, xid, on_date, at, kind, subject, data from event
        where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by event.xid, event.id limit ${input.limit}::integer
      ) p
    ), leaf as (
      insert into audit_leaf (position, event_id, event_on_date, hash)
      select position, id, on_date, sha256('\\x00'::bytea || convert_to(concat('{"atMs":"', (date_part('epoch', at) * 1000)::bigint, '","data":', to_json(data),
        ',"id":"', id, '","kind":', to_json(kind), ',"onDate":"', on_date, '","subject":', to_json(subject), ',"xid":"', xid, '"}'), 'UTF8'))
      from page order by position
      returning position, hash
    )
    select count(*)::integer as count, coalesce(string_agg(hash, '' order by position), '') as hashes,
      (select xid::text from page order by position desc limit 1) as xid, (select id from page order by position desc limit 1) as id
    from leaf`);
  return made!;
}

/** Leaves from one position up to another, `to` exclusive, in order. */
export function selectLeaves(
  db: Queryable,
  input: { readonly from: bigint; readonly to: bigint },
): Promise<LeafRow[]> {
  return db.query<LeafRow>(sql`
    select position, event_id as "eventId", event_on_date as "eventOnDate", hash
    from audit_leaf where position >= ${input.from} and position < ${input.to} order by position`);
}

/** The leaf of one event, or none yet. */
export function selectLeafOfEvent(db: Queryable, eventId: bigint): Promise<LeafRow[]> {
  return db.query<LeafRow>(sql`
    select position, event_id as "eventId", event_on_date as "eventOnDate", hash from audit_leaf where event_id = ${eventId}`);
}

export interface NodeRow {
  readonly height: number;
  readonly position: bigint;
  readonly hash: Uint8Array;
}

/** Appends roots of full subtrees. */
export async function insertNodes(tx: Queryable, rows: readonly NodeRow[]): Promise<void> {
  await tx.query(sql`
    insert into audit_node (height, position, hash)
    select * from unnest(${rows.map((row) => row.height)}::integer[], ${int8Array(rows.map((row) => row.position))}::bigint[],
      ${byteaArray(rows.map((row) => row.hash))}::bytea[])`);
}

/** Roots of full subtrees of one height, `to` exclusive, in order. */
export function selectNodes(
  db: Queryable,
  input: { readonly height: number; readonly from: bigint; readonly to: bigint },
): Promise<NodeRow[]> {
  return db.query<NodeRow>(sql`
    select height, position, hash from audit_node
    where height = ${input.height} and position >= ${input.from} and position < ${input.to} order by position`);
}
