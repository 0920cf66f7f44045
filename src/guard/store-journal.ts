/** Statements of the journal copy: what gateways wrote, kept by (partition, position). */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { JournalBody, JournalEntry } from '../rail/journal-entry.ts';

/** The last position copied of a partition; 0 before the first. */
export async function selectOffset(db: Queryable, partition: string): Promise<number> {
  const rows = await db.query<{ position: bigint }>(
    sql`select position from journal_entry where partition = ${partition} order by position desc limit 1`,
  );
  return Number(rows[0]?.position ?? 0n);
}

/** Copies entries; one that is there already stays as it was. */
export async function insertEntries(
  tx: Queryable,
  entries: readonly JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(sql`insert into journal_entry (partition, position, kind, at, message_id, body)
    select e.partition, e.position, e.kind, to_timestamp(e.at_ms / 1000.0), e.message_id, e.body
    from unnest(${entries.map((e) => e.partition)}::text[], ${entries.map((e) => e.position)}::bigint[], ${entries.map((e) => e.body.kind)}::text[],
      ${entries.map((e) => e.atMs)}::bigint[], ${entries.map((e) => messageId(e.body))}::text[], ${entries.map((e) => JSON.stringify(e.body))}::text[])
      as e (partition, position, kind, at_ms, message_id, body)
    on conflict (partition, position) do nothing`);
}

function messageId(body: JournalBody): string | null {
  if (body.kind === 'feed') return body.line.bizMsgIdr;
  return 'bizMsgIdr' in body ? (body.bizMsgIdr ?? null) : null;
}

/** The partitions copied so far. */
export async function selectPartitions(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ partition: string }>(sql`with recursive walk as (
      (select partition from journal_entry order by partition limit 1)
      union all
      select (select j.partition from journal_entry j where j.partition > walk.partition order by j.partition limit 1)
      from walk where walk.partition is not null
    ) select partition from walk where partition is not null`);
  return rows.map((row) => row.partition);
}

/** Entries after a position, in order; with `notAfterMs` up to the last of a page that is not younger. Entries stand in the order in which they were
 * written, so one that a clock ahead dated is as old as the next; and however many younger ones wait, no more than a page is looked at. */
export async function selectEntries(
  db: Queryable,
  input: {
    readonly partition: string;
    readonly after: number;
    readonly notAfterMs?: number;
    readonly limit: number;
  },
): Promise<readonly JournalEntry[]> {
  const { partition, after, limit, notAfterMs } = input;
  const rows = await db.query<{ position: bigint; at_ms: bigint; body: string }>(
    notAfterMs === undefined
      ? sql`select position, (extract(epoch from at) * 1000)::bigint as at_ms, body from journal_entry
          where partition = ${partition} and position > ${after} order by position limit ${limit}`
      : sql`with page as materialized (
            select position, at from journal_entry where partition = ${partition} and position > ${after} order by position limit ${limit}
          ), due as (select max(position) as position from page where at <= ${new Date(notAfterMs)})
          select j.position, (extract(epoch from j.at) * 1000)::bigint as at_ms, j.body from due, journal_entry j
          where j.partition = ${partition} and j.position > ${after} and j.position <= due.position order by j.position`,
  );
  return rows.map((row) => ({
    partition,
    position: Number(row.position),
    atMs: Number(row.at_ms),
    body: JSON.parse(row.body) as JournalBody,
  }));
}
