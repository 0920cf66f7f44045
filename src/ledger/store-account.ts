/** Statements about accounts, outside the posting batch. */
import { textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { TransferLine } from './port.ts';

export interface BalanceRow {
  readonly number: string;
  readonly name: string;
  readonly state: 'open' | 'closed' | 'frozen';
  readonly postedSen: bigint;
  readonly heldSen: bigint;
  readonly pendingCreditSen: bigint;
  readonly closedUntilMs: bigint | null;
}

/** Whether this is a deposit that is not closed. */
export async function isDeposit(db: Queryable, number: string): Promise<boolean> {
  const rows = await db.query<{ number: string }>(
    sql`select number from account where number = ${number} and book = 'customer' and state <> 'closed'`,
  );
  return rows.length === 1;
}

/** Balances now, of the accounts that there are. */
export function selectBalances(db: Queryable, numbers: readonly string[]): Promise<BalanceRow[]> {
  return db.query(sql`
    select number, name, state, posted_credit_sen - posted_debit_sen as "postedSen", pending_debit_sen as "heldSen",
      pending_credit_sen as "pendingCreditSen", ceil(extract(epoch from closed_until) * 1000)::bigint as "closedUntilMs"
    from account where number = any(${textArray(numbers)}::text[])`);
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

/** Closes an account to new money until an instant; null opens it. The ids changed. */
export function updateClosedUntil(
  tx: Tx,
  input: { readonly id: bigint; readonly untilMs: number | null },
): Promise<{ id: bigint }[]> {
  return tx.query(sql`
    update account set closed_until = to_timestamp(${input.untilMs}::bigint / 1000.0), version = version + 1
    where id = ${input.id} returning id`);
}

/** Sets whether an account may go below zero; the ids changed. */
export function updateMayGoNegative(
  tx: Tx,
  input: { readonly id: bigint; readonly to: boolean },
): Promise<{ id: bigint }[]> {
  return tx.query(sql`
    update account set may_go_negative = ${input.to}, version = version + 1 where id = ${input.id} returning id`);
}

export interface TrialRow {
  readonly book: string;
  readonly number: string | null;
  readonly debitSen: string;
  readonly creditSen: string;
}

/** Archived months that an instant stands within: their transfers up to it are in no table. */
export function selectCutMonths(db: Queryable, atMs: number): Promise<{ month: string }[]> {
  return db.query(sql`
    select to_char(month, 'YYYY-MM') as month from archive_month
    where (month::timestamp - interval '7 hours') at time zone 'UTC' <= to_timestamp(${atMs}::bigint / 1000.0)
      and ((month + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' > to_timestamp((${atMs}::bigint + 1) / 1000.0)`);
}

/** The first day, in WIB, whose transfers are in the tables; null when none was archived. */
export async function selectArchivedBefore(db: Queryable): Promise<string | null> {
  const [row] = await db.query<{ date: string | null }>(
    sql`select (max(month) + interval '1 month')::date::text as date from archive_month`,
  );
  return row!.date;
}

/** Posted debits and credits up to an instant, recomputed from the transfers and the sums of archived months: customers as one row,
 * every other account by itself. */
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
      union all
      select account, sum(debit_sen), sum(credit_sen) from account_month
        where ((month + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' <= to_timestamp((${atMs}::bigint + 1) / 1000.0) group by account
    ) m
    join account a on a.id = m.account
    group by 1, 2 order by 1, 2`);
}

/** Holds that still stand past their time, the oldest first. */
export function selectExpiredHolds(
  db: Queryable,
  input: { readonly nowMs: number; readonly limit: number },
): Promise<{ id: bigint; line: TransferLine; paymentId: string | null }[]> {
  return db.query(sql`
    select id, line, payment_id as "paymentId" from hold
    where state = 'held' and expires_at <= ${new Date(input.nowMs)}::timestamptz order by expires_at, id limit ${input.limit}::integer`);
}
