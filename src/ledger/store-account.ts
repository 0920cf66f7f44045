/** Statements about accounts and their statements, outside the posting batch. */
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface BalanceRow {
  readonly number: string;
  readonly name: string;
  readonly state: 'open' | 'closed' | 'frozen';
  readonly postedSen: bigint;
  readonly heldSen: bigint;
  readonly pendingCreditSen: bigint;
}

/** One account's balance now. */
export function selectBalance(db: Queryable, number: string): Promise<BalanceRow[]> {
  return db.query(sql`
    select number, name, state, posted_credit_sen - posted_debit_sen as "postedSen", pending_debit_sen as "heldSen",
      pending_credit_sen as "pendingCreditSen"
    from account where number = ${number}`);
}

export interface NewAccount {
  readonly number: string;
  readonly book: string;
  readonly name: string;
  readonly customerId: string | null;
  readonly accountType: string;
  readonly mayGoNegative: boolean;
  readonly openingSen: bigint;
}

/** Opens those accounts that do not exist, with their opening credit already posted; the ids of the new ones. */
export function insertAccounts(
  tx: Tx,
  input: { readonly atMs: number; readonly rows: readonly NewAccount[] },
): Promise<{ id: bigint; number: string }[]> {
  const rows = input.rows;
  return tx.query(sql`
    insert into account (number, book, name, customer_id, account_type, may_go_negative, posted_credit_sen, opened_at)
    select a.number, a.book, a.name, a.customer_id, a.account_type, a.may_go_negative, a.opening_sen,
      to_timestamp(${input.atMs}::bigint / 1000.0)
    from unnest(${rows.map((row) => row.number)}::text[], ${rows.map((row) => row.book)}::text[], ${rows.map((row) => row.name)}::text[],
      ${rows.map((row) => row.customerId)}::text[], ${rows.map((row) => row.accountType)}::text[],
      ${rows.map((row) => row.mayGoNegative)}::boolean[], ${rows.map((row) => row.openingSen)}::bigint[])
      as a (number, book, name, customer_id, account_type, may_go_negative, opening_sen)
    order by a.number
    on conflict (number) do nothing
    returning id, number`);
}

/** Changes an account's state by compare-and-set; empty when it was not in `from`. */
export function updateAccountState(
  tx: Tx,
  input: { readonly id: bigint; readonly from: string; readonly to: string },
): Promise<{ id: bigint }[]> {
  return tx.query(sql`
    update account set state = ${input.to}, version = version + 1 where id = ${input.id} and state = ${input.from} returning id`);
}

export interface StatementRow {
  readonly id: bigint;
  readonly kind: 'single' | 'post';
  readonly line: string;
  readonly side: 'debit' | 'credit';
  readonly amountSen: bigint;
  readonly counterAccount: string;
  readonly paymentId: string | null;
  readonly bookedAtMs: bigint;
  readonly valueDate: string;
  readonly businessDate: string;
}

/** Money that moved on an account, newest first, from just before transfer `beforeId`. */
export function selectStatement(
  db: Queryable,
  input: { readonly number: string; readonly beforeId: bigint; readonly limit: number },
): Promise<StatementRow[]> {
  return db.query(sql`
    with mine as (select id from account where number = ${input.number})
    select t.id, t.kind, t.line, t.side, t.amount_sen as "amountSen", c.number as "counterAccount", t.payment_id as "paymentId",
      (extract(epoch from t.booked_at) * 1000)::bigint as "bookedAtMs", t.value_date as "valueDate", t.business_date as "businessDate"
    from (
      (select id, kind, line, 'debit' as side, amount_sen, credit_account as counter, payment_id, booked_at, value_date, business_date
        from transfer where debit_account = (select id from mine) and id < ${input.beforeId}::bigint and kind in ('single', 'post')
        order by id desc limit ${input.limit}::integer)
      union all
      (select id, kind, line, 'credit', amount_sen, debit_account, payment_id, booked_at, value_date, business_date
        from transfer where credit_account = (select id from mine) and id < ${input.beforeId}::bigint and kind in ('single', 'post')
        order by id desc limit ${input.limit}::integer)
    ) t
    join account c on c.id = t.counter
    order by t.id desc limit ${input.limit}::integer`);
}

export interface TrialRow {
  readonly book: string;
  readonly number: string | null;
  readonly debitSen: string;
  readonly creditSen: string;
}

/** Posted debits and credits up to an instant, recomputed from the transfers: customers as one row, every other account by itself. */
export function selectTrialBalance(db: Queryable, atMs: number): Promise<TrialRow[]> {
  return db.query(sql`
    select a.book, case when a.book = 'customer' then null else a.number end as number,
      sum(m.debit)::text as "debitSen", sum(m.credit)::text as "creditSen"
    from (
      select debit_account as account, sum(amount_sen) as debit, 0::numeric as credit from transfer
        where kind in ('single', 'post') and booked_at <= to_timestamp(${atMs}::bigint / 1000.0) group by debit_account
      union all
      select credit_account, 0::numeric, sum(amount_sen) from transfer
        where kind in ('single', 'post') and booked_at <= to_timestamp(${atMs}::bigint / 1000.0) group by credit_account
    ) m
    join account a on a.id = m.account
    group by 1, 2 order by 1, 2`);
}
