/** Every statement of the archive slice. A page of events or transfers is one text of lines as the files hold them, so that millions of
 * rows cross the driver as a few cells. Dates of a month: first day included, first day of the next month excluded. */
import { textArray } from '../db/array.ts';
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface MonthRange {
  readonly fromDate: string;
  readonly untilDate: string;
}

interface LinePage {
  readonly text: string | null;
}

function linesOf([page]: readonly LinePage[]): readonly string[] {
  return page?.text ? page.text.split('\n') : [];
}

/** The next events of a month in stream order, as the lines of a file from `id` on. */
export async function selectMonthEvents(
  db: Queryable,
  input: MonthRange & { readonly xid: string; readonly id: string; readonly limit: number },
): Promise<readonly string[]> {
  return linesOf(
    await db.query<LinePage>(sql`
    select string_agg(concat_ws(E'\t', id, xid, on_date, (date_part('epoch', at) * 1000)::bigint,
      replace(replace(replace(replace(kind, '\\', '\\\\'), E'\t', '\\t'), E'\n', '\\n'), E'\r', '\\r'),
      replace(replace(replace(replace(subject, '\\', '\\\\'), E'\t', '\\t'), E'\n', '\\n'), E'\r', '\\r'),
      replace(replace(replace(replace(data, '\\', '\\\\'), E'\t', '\\t'), E'\n', '\\n'), E'\r', '\\r')), E'\n' order by xid, id) as text
    from (
      select id, xid, on_date, at, kind, subject, data from event
      where (xid, id) > (${input.xid}::xid8, ${input.id}::bigint) and on_date >= ${input.fromDate}::date and on_date < ${input.untilDate}::date
      order by event.xid, event.id limit ${input.limit}::integer
    ) page`),
  );
}

export interface MonthLeaf {
  readonly position: bigint;
  readonly eventId: bigint;
  readonly hash: Buffer;
}

/** The next leaves of a month's events, in stream order. */
export function selectMonthLeaves(
  db: Queryable,
  input: MonthRange & { readonly from: bigint; readonly limit: number },
): Promise<MonthLeaf[]> {
  return db.query(sql`
    select position, event_id as "eventId", hash from audit_leaf
    where position >= ${input.from} and event_on_date >= ${input.fromDate}::date and event_on_date < ${input.untilDate}::date
    order by position limit ${input.limit}::integer`);
}

/** Transfers of a month by id, as the lines of a file from `id` on. */
export async function selectMonthTransfers(
  db: Queryable,
  input: MonthRange & { readonly ids: readonly bigint[] },
): Promise<readonly string[]> {
  return linesOf(
    await db.query<LinePage>(sql`
    select string_agg(concat(id, E'\t', kind, E'\t', line, E'\t', debit_account, E'\t', credit_account, E'\t', amount_sen, E'\t', hold_id, E'\t',
      translate(payment_id, E'\\\\\t\n\r\\x1e\\x1f', '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd'), E'\t', booked_on, E'\t', (date_part('epoch', booked_at) * 1000)::bigint, E'\t', reverses, E'\t',
      value_date, E'\t', business_date, E'\t', debit_balance_sen, E'\t', credit_balance_sen), E'\n') as text
    from transfer where id = any(${input.ids}::bigint[]) and booked_on >= ${input.fromDate}::date and booked_on < ${input.untilDate}::date`),
  );
}

/** First days of the months that have partitions of both tables, oldest first. */
export async function selectMonths(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ month: string }>(sql`
    select to_date(right(c.relname, 6), 'YYYYMM')::text as month from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'event'::regclass and c.relname ~ '^event_[0-9]{6}$'
      and exists (select from pg_inherits t where t.inhparent = 'transfer'::regclass and t.inhrelid = to_regclass('transfer_' || right(c.relname, 6)))
    order by 1`);
  return rows.map(({ month }) => month);
}

export interface MonthFacts {
  readonly events: bigint;
  readonly transfers: bigint;
  /** Rows of the month or of one before it in a default partition. */
  readonly strayRows: bigint;
  /** Events of the month that a transaction may still come before, or that no checkpoint covers. */
  readonly uncovered: bigint;
  readonly openHolds: bigint;
  readonly openPayments: bigint;
  readonly openLines: bigint;
  readonly openBreaks: bigint;
}

/** What speaks for or against archiving a month. `edgeMs` is the first instant of the next. */
export async function selectMonthFacts(
  db: Queryable,
  input: MonthRange & { readonly edgeMs: number; readonly finalStates: readonly string[] },
): Promise<MonthFacts> {
  const [row] = await db.query<MonthFacts>(sql`
    with edge as (select to_timestamp(${input.edgeMs}::bigint / 1000.0) as at),
    last as (select cursor_xid, cursor_id from audit_checkpoint order by size desc limit 1),
    seen as (select count(*) as events, count(*) filter (where xid >= pg_snapshot_xmin(pg_current_snapshot())
        or (xid, id) > (coalesce((select cursor_xid from last), '0'::xid8), coalesce((select cursor_id from last), 0))) as uncovered
      from event where on_date >= ${input.fromDate}::date and on_date < ${input.untilDate}::date)
    select seen.events, seen.uncovered,
      (select count(*) from transfer where booked_on >= ${input.fromDate}::date and booked_on < ${input.untilDate}::date) as transfers,
      (select count(*) from event_default where on_date < ${input.untilDate}::date)
        + (select count(*) from transfer_default where booked_on < ${input.untilDate}::date) as "strayRows",
      (select count(*) from hold, edge where state = 'held' and made_at < edge.at) as "openHolds",
      (select count(*) from payment, edge where state <> all(${textArray(input.finalStates)}::text[]) and made_at < edge.at) as "openPayments",
      (select count(*) from settlement_line, edge where match_state = 'open' and settled_at < edge.at) as "openLines",
      (select count(*) from match_break, edge where (closed_at is null or explained_by is distinct from proven_end) and opened_at < edge.at) as "openBreaks"
    from seen`);
  return row!;
}

/** The first position of an event that is later than the archived months; where the tree ends when there is none. */
export async function selectLiveFrom(db: Queryable, untilDate: string): Promise<bigint> {
  const [row] = await db.query<{ position: bigint }>(sql`
    select coalesce((select position from audit_leaf where event_on_date >= ${untilDate}::date order by position limit 1),
      (select max(size) from audit_checkpoint), 0) as position`);
  return row!.position;
}

export interface KeptLeaf {
  readonly position: bigint;
  readonly hash: Buffer;
}

/** Leaves of archived events that are still in the table, from a position on: where two months meet. */
export function selectKeptLeaves(
  db: Queryable,
  input: { readonly from: bigint; readonly untilDate: string; readonly limit: number },
): Promise<KeptLeaf[]> {
  return db.query(sql`
    select position, hash from audit_leaf where position >= ${input.from} and event_on_date < ${input.untilDate}::date
    order by position limit ${input.limit}::integer`);
}

export interface ArchiveRow {
  /** `2026-01-01` */
  readonly month: string;
  readonly facts: string;
  readonly leafFloor: bigint;
}

/** The archived months, oldest first. */
export function selectArchived(db: Queryable): Promise<ArchiveRow[]> {
  return db.query(
    sql`select month::text as month, facts, leaf_floor as "leafFloor" from archive_month order by month`,
  );
}

/** Records an archived month. */
export async function insertArchived(tx: Queryable, row: ArchiveRow): Promise<void> {
  await tx.query(sql`
    insert into archive_month (month, facts, leaf_floor) values (${row.month}::date, ${row.facts}, ${row.leafFloor})`);
}

/** What each account's transfers of a month posted; they must still be in the table. */
export async function insertAccountMonth(
  tx: Queryable,
  input: MonthRange & { readonly month: string },
): Promise<void> {
  await tx.query(sql`
    insert into account_month (month, account, debit_sen, credit_sen)
    select ${input.month}::date, account, sum(debit), sum(credit) from (
      select debit_account as account, sum(amount_sen) as debit, 0 as credit from transfer
        where kind in ('single', 'post') and booked_on >= ${input.fromDate}::date and booked_on < ${input.untilDate}::date group by 1
      union all select credit_account, 0, sum(amount_sen) from transfer
        where kind in ('single', 'post') and booked_on >= ${input.fromDate}::date and booked_on < ${input.untilDate}::date group by 1
    ) sides group by account`);
}

const SUM_PAGE = 10_000;

/** The sums of a month after an account, as text in the order of the accounts, and the last account of the page. */
export async function selectAccountMonth(
  db: Queryable,
  input: { readonly month: string; readonly after: bigint },
): Promise<{ readonly text: string | null; readonly last: bigint | null }> {
  const [page] = await db.query<{ text: string | null; last: bigint | null }>(sql`
    select string_agg(concat_ws(' ', account, debit_sen, credit_sen), E'\n' order by account) as text, max(account) as last from (
      select account, debit_sen, credit_sen from account_month where month = ${input.month}::date and account > ${input.after}
      order by account limit ${SUM_PAGE}::integer) page`);
  return page!;
}

/** From now on in this transaction, a lock that is not free soon fails with 55P03. */
export async function setLockTimeout(tx: Queryable, timeoutMs: number): Promise<void> {
  await tx.query(sql`select set_config('lock_timeout', ${`${timeoutMs}ms`}, true)`);
}

/** Drops the partitions of a recorded month. */
export async function dropMonth(
  tx: Queryable,
  input: { readonly month: string; readonly events: bigint; readonly transfers: bigint },
): Promise<void> {
  await tx.query(
    sql`select drop_archived_month(${input.month}::date, ${input.events}, ${input.transfers})`,
  );
}

/** Where the leaves begin whose events are in files, and where they end. */
export async function selectArchivedLeaves(
  db: Queryable,
): Promise<{ readonly from: bigint; readonly to: bigint }> {
  const [row] = await db.query<{ from: bigint; to: bigint }>(sql`
    select coalesce((select position from audit_leaf order by position limit 1), 0) as from,
      coalesce((select max(leaf_floor) from archive_month), 0) as to`);
  return row!;
}

/** Deletes leaves of archived events, `to` excluded. The table refuses to lose others. */
export async function deleteLeaves(
  db: Queryable,
  range: { readonly from: bigint; readonly to: bigint },
): Promise<void> {
  await db.query(
    sql`delete from audit_leaf where position >= ${range.from} and position < ${range.to}`,
  );
}
