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

export interface StatementPage {
  readonly number: string;
  /** First and last day of booking, in WIB, both included. */
  readonly fromDate: string;
  readonly toDate: string;
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
      select ${page.toDate}::date as day, 9223372036854775807 as id where ${page.afterId}::bigint is null
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
          and (booked_on, id) < ((select day from place), (select id from place))
        order by booked_on desc, id desc limit ${page.limit}::integer)
      union all
      (select id, booked_on, line, 'credit', amount_sen, credit_balance_sen, debit_account, payment_id, booked_at, value_date,
          business_date
        from transfer where credit_account = (select id from mine) and kind in ('single', 'post') and booked_on >= ${page.fromDate}::date
          and (booked_on, id) < ((select day from place), (select id from place))
        order by booked_on desc, id desc limit ${page.limit}::integer)
    ) t
    join account c on c.id = t.counter
    order by t.booked_on desc, t.id desc limit ${page.limit}::integer`);
}
