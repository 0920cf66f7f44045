/** The SQL that reads account statements. One probe of an index per side and month, whatever came before or after. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface StatementRow {
  readonly id: bigint;
  readonly line: string;
  readonly side: 'debit' | 'credit';
  readonly amountSen: bigint;
  readonly balanceSen: bigint | null;
  readonly counterAccount: string;
  readonly paymentId: string | null;
  readonly bookedAtMs: bigint;
  readonly valueDate: string;
  readonly businessDate: string;
}

/** Where an entry stands in the order of an account. */
export interface Place {
  readonly day: string;
  readonly id: bigint;
}

export interface StatementPage {
  readonly number: string;
  /** First and last day of booking, in WIB, both included. */
  readonly fromDate: string;
  readonly toDate: string;
  /** Entries behind this one only; id 0: from the first day on. */
  readonly since: Place;
  /** First page: entries of the last day below this id; the largest id there is: all. */
  readonly beforeId: bigint;
  /** The last entry of the page before; null for the first page. */
  readonly afterId: bigint | null;
  readonly limit: number;
}

/** Money that moved on an account, newest first. An `afterId` that was never given out gives an empty page.
 * The row comparison stands alone on purpose: beside `booked_on <= day` the scan would start at the newest entry of the day. */
export function selectStatement(db: Queryable, page: StatementPage): Promise<StatementRow[]> {
  return db.query(sql`
    with mine as (select id from account where number = ${page.number}),
    place as (
      select ${page.toDate}::date as day, ${page.beforeId}::bigint as id where ${page.afterId}::bigint is null
      union all select least(booked_on, ${page.toDate}::date),
        case when booked_on > ${page.toDate}::date then 9223372036854775807 else id end from transfer where id = ${page.afterId}::bigint
    )
    select t.id, t.line, t.side, t.amount_sen as "amountSen", t.balance as "balanceSen", c.number as "counterAccount",
      t.payment_id as "paymentId", (extract(epoch from t.booked_at) * 1000)::bigint as "bookedAtMs", t.value_date as "valueDate",
      t.business_date as "businessDate"
    from (
      (select id, booked_on, line, 'debit' as side, amount_sen, debit_balance_sen as balance, credit_account as counter, payment_id,
          booked_at, value_date, business_date
        from transfer where debit_account = (select id from mine) and kind in ('single', 'post') and booked_on >= ${page.fromDate}::date
          and (booked_on, id) > (${page.since.day}::date, ${page.since.id}::bigint)
          and (booked_on, id) < ((select day from place), (select id from place))
        order by booked_on desc, id desc limit ${page.limit}::integer)
      union all
      (select id, booked_on, line, 'credit', amount_sen, credit_balance_sen, debit_account, payment_id, booked_at, value_date,
          business_date
        from transfer where credit_account = (select id from mine) and kind in ('single', 'post') and booked_on >= ${page.fromDate}::date
          and (booked_on, id) > (${page.since.day}::date, ${page.since.id}::bigint)
          and (booked_on, id) < ((select day from place), (select id from place))
        order by booked_on desc, id desc limit ${page.limit}::integer)
    ) t
    join account c on c.id = t.counter
    order by t.booked_on desc, t.id desc limit ${page.limit}::integer`);
}

/** The newest entry of an account up to an instant, with what it left posted. */
export async function selectPlace(
  db: Queryable,
  input: { readonly number: string; readonly day: string; readonly at: Date },
): Promise<(Place & { readonly balanceSen: bigint | null }) | undefined> {
  const rows = await db.query<Place & { readonly balanceSen: bigint | null }>(sql`
    with mine as (select id from account where number = ${input.number})
    select day, id, balance as "balanceSen" from (
      (select booked_on as day, id, debit_balance_sen as balance from transfer
        where debit_account = (select id from mine) and kind in ('single', 'post')
          and booked_on <= ${input.day}::date and booked_at <= ${input.at}::timestamptz
        order by booked_on desc, id desc limit 1)
      union all
      (select booked_on, id, credit_balance_sen from transfer
        where credit_account = (select id from mine) and kind in ('single', 'post')
          and booked_on <= ${input.day}::date and booked_at <= ${input.at}::timestamptz
        order by booked_on desc, id desc limit 1)
    ) t order by day desc, id desc limit 1`);
  return rows[0];
}

/** What moved on an account, by side. */
export interface MovedRow {
  readonly debitCount: bigint;
  readonly debitSen: bigint;
  readonly creditCount: bigint;
  readonly creditSen: bigint;
}

/** Counts and sums of one day, by a scan of its entries behind `afterId` up to `toId`. */
export async function sumDay(
  db: Queryable,
  input: {
    readonly number: string;
    readonly day: string;
    readonly afterId: bigint;
    readonly toId: bigint;
  },
): Promise<MovedRow> {
  const rows = await db.query<MovedRow>(sql`
    with mine as (select id from account where number = ${input.number})
    select d.n as "debitCount", d.total as "debitSen", c.n as "creditCount", c.total as "creditSen"
    from (
      select count(*) as n, coalesce(sum(amount_sen), 0)::bigint as total from transfer
      where debit_account = (select id from mine) and kind in ('single', 'post') and booked_on = ${input.day}::date
        and id > ${input.afterId}::bigint and id <= ${input.toId}::bigint
    ) d, (
      select count(*) as n, coalesce(sum(amount_sen), 0)::bigint as total from transfer
      where credit_account = (select id from mine) and kind in ('single', 'post') and booked_on = ${input.day}::date
        and id > ${input.afterId}::bigint and id <= ${input.toId}::bigint
    ) c`);
  return rows[0]!;
}

/** The stored days of an account in a period. */
export function selectDays(
  db: Queryable,
  period: { readonly number: string; readonly fromDate: string; readonly toDate: string },
): Promise<(MovedRow & { readonly day: string })[]> {
  return db.query(sql`
    select d.day, d.debit_count as "debitCount", d.debit_sen as "debitSen", d.credit_count as "creditCount", d.credit_sen as "creditSen"
    from account_day d join account a on a.id = d.account
    where a.number = ${period.number} and d.day between ${period.fromDate}::date and ${period.toDate}::date`);
}

/** Stores a day that can no longer change; a peer may have been first, with the same figures. */
export async function insertDay(
  db: Queryable,
  row: MovedRow & { readonly number: string; readonly day: string },
): Promise<void> {
  await db.query(sql`
    insert into account_day (account, day, debit_count, debit_sen, credit_count, credit_sen)
    select id, ${row.day}::date, ${row.debitCount}, ${row.debitSen}, ${row.creditCount}, ${row.creditSen}
    from account where number = ${row.number}
    on conflict do nothing`);
}

/** What an account's archived months left on it. */
export async function selectArchivedNet(db: Queryable, number: string): Promise<bigint> {
  const rows = await db.query<{ net: bigint }>(sql`
    select coalesce(sum(m.credit_sen - m.debit_sen), 0)::bigint as net
    from account_month m join account a on a.id = m.account where a.number = ${number}`);
  return rows[0]!.net;
}
