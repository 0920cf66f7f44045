/** Statements that look at the monthly partitions of `event`, `transfer` and `partner_request`. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Partitions of `today`'s month and the next that are not attached to their table, as `transfer_202701`. */
export async function selectMissingPartitions(
  db: Queryable,
  today: string,
): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(sql`
    select parent || '_' || to_char(date_trunc('month', ${today}::date) + make_interval(months => ahead), 'YYYYMM') as name
    from unnest(array['event', 'partner_request', 'transfer']) parent, generate_series(0, 1) ahead
    where not exists (select from pg_inherits where inhparent = parent::regclass
      and inhrelid = to_regclass(parent || '_' || to_char(date_trunc('month', ${today}::date) + make_interval(months => ahead), 'YYYYMM')))
    order by 1`);
  return rows.map(({ name }) => name);
}

/** Months with rows in a default partition, as `transfer_default 2027-01`. A default partition is empty in good order. */
export async function selectStrayMonths(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(sql`
    select distinct 'event_default ' || to_char(on_date, 'YYYY-MM') as name from event_default
    union select distinct 'partner_request_default ' || to_char(on_date, 'YYYY-MM') from partner_request_default
    union select distinct 'transfer_default ' || to_char(booked_on, 'YYYY-MM') from transfer_default
    order by 1`);
  return rows.map(({ name }) => name);
}

/** Was an event of this kind and subject written after an instant? Looks at most a day back. */
export async function hasEventAfter(
  db: Queryable,
  of: { readonly kind: string; readonly subject: string; readonly afterMs: number },
): Promise<boolean> {
  const rows = await db.query(sql`
    select id from event where subject = ${of.subject} and kind = ${of.kind} and at > ${new Date(of.afterMs)}
      and on_date >= (${new Date(of.afterMs)}::timestamptz at time zone 'Asia/Jakarta')::date limit 1`);
  return rows.length > 0;
}

/** Was an event of this kind and subject written on or after a WIB date? */
export async function hasEventSince(
  db: Queryable,
  of: { readonly kind: string; readonly subject: string; readonly since: string },
): Promise<boolean> {
  const rows = await db.query(sql`
    select id from event where subject = ${of.subject} and kind = ${of.kind} and on_date >= ${of.since}::date limit 1`);
  return rows.length > 0;
}
