/** What the crash tests read from and write to the database, as its administrator. */
import type { Db, Queryable } from '../../src/db/pool.ts';
import { sql } from '../../src/db/sql.ts';

/** One payment as it is committed. */
export interface PaymentFacts {
  readonly id: string;
  readonly kind: 'onus' | 'bifast_out' | 'bifast_in' | 'bifast_return';
  readonly state: string;
  readonly partner_reference_no: string | null;
  readonly debit_account: string;
  readonly credit_account: string;
  readonly counterparty_bank: string | null;
  readonly amount_sen: bigint;
  readonly fee_sen: bigint;
  readonly biz_msg_idr: string | null;
  readonly outcome_code: string | null;
  readonly outcome_source: string | null;
  readonly inquiry_count: number;
  readonly due_at: Date | null;
  readonly promise_at: Date | null;
  readonly resolve_by: Date | null;
}

/** Everything that waits is waited for in seconds. Loosening a setting takes two people, also here. */
export async function insertSettings(
  db: Queryable,
  input: { readonly nowMs: number },
): Promise<void> {
  const from = new Date(input.nowMs - 60_000);
  for (const [key, value] of [
    ['bifast.inquiry_first_ms', '2000'],
    ['bifast.inquiry_max', '30'],
  ] as const) {
    await db.query(sql`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values (${key}, 1, ${value}, ${from}, 'stf_operator1', 'stf_operator2', 'CHG-100 crash test')`);
  }
}

/** Every payment there is. */
export function selectPayments(db: Queryable): Promise<PaymentFacts[]> {
  return db.query<PaymentFacts>(sql`select id, kind, state, partner_reference_no, debit_account, credit_account, counterparty_bank, amount_sen,
    fee_sen, biz_msg_idr, outcome_code, outcome_source, inquiry_count, due_at, promise_at, resolve_by from payment order by id`);
}

/** Ledger balance (posted only) and what is held, of every customer account. */
export function selectBalances(
  db: Queryable,
): Promise<
  { number: string; posted_sen: bigint; pending_debit_sen: bigint; pending_credit_sen: bigint }[]
> {
  return db.query(sql`select number, posted_credit_sen - posted_debit_sen as posted_sen, pending_debit_sen, pending_credit_sen
    from account where book = 'customer'`);
}

/** What the ledger says the network has of ours, in sen. */
export async function selectSettledSen(db: Queryable): Promise<bigint> {
  const rows = await db.query<{ sen: bigint }>(sql`
    select posted_credit_sen - posted_debit_sen as sen from account where number = 'SETTLE-BIFAST-OUT'`);
  return rows[0]!.sen;
}

/** What the guard stopped by itself. */
export function selectRestrictions(
  db: Queryable,
): Promise<{ id: string; body: string; state: string }[]> {
  return db.query(sql`select id, body, state from restriction`);
}

/** Every alarm of the guard, as kind and data. */
export function selectAlarms(db: Queryable): Promise<{ kind: string; data: string }[]> {
  return db.query(sql`select kind, data from event where kind like 'alarm.%' order by id`);
}

/** Writes something to the write-ahead log and begins its next segment. */
export async function switchLog(db: Queryable): Promise<void> {
  await db.query(sql`select pg_logical_emit_message(true, 'crash', 'test') as at`);
  await db.query(sql`select pg_switch_wal() as at`);
}

/** Locks the row of an account, as somebody outside who forgot a transaction would. */
export function lockAccount(tx: Queryable, number: string): Promise<unknown[]> {
  return tx.query(sql`select id from account where number = ${number} for update`);
}

/** Locks a whole table against everybody, readers too. */
export function lockPayments(tx: Queryable): Promise<unknown[]> {
  return tx.query(sql`lock table payment in access exclusive mode`);
}

/** How many connections core's role may hold; those that stand are cut, so that the limit counts at once. */
export async function limitConnections(db: Db, countMax: number): Promise<void> {
  await db.script(`alter role pulih_core connection limit ${Math.trunc(countMax)}`);
  await db.query(
    sql`select pg_terminate_backend(pid) as done from pg_stat_activity where usename = 'pulih_core'`,
  );
}

/** An order of Rp1.234 whose only date has come, as its customer agreed to it. */
export async function insertDueOrder(
  db: Queryable,
  order: {
    readonly id: string;
    readonly customerId: string;
    readonly debitAccount: string;
    readonly payeeBank: string;
    readonly payeeAccount: string;
    readonly payeeName: string;
    readonly feeMaxSen: bigint;
    readonly date: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const at = new Date(order.nowMs);
  await db.query(sql`
    insert into consent (id, customer_id, session_hash, device, debit_account, amount_sen, fee_sen, payee_bank, payee_account, payee_name,
      text_shown, language, made_at, expires_at)
    values (${`cns_${order.id}`}, ${order.customerId}, ''::bytea, 'crash test', ${order.debitAccount}, 123400, ${order.feeMaxSen},
      ${order.payeeBank}, ${order.payeeAccount}, ${order.payeeName}, 'crash test', 'id', ${at}, ${at})`);
  await db.query(sql`
    insert into standing_order (id, customer_id, consent_id, state, previous_state, debit_account, payee_bank, payee_account, payee_name,
      amount_sen, fee_max_sen, repetition, first_date, next_date, made_at, changed_at)
    values (${order.id}, ${order.customerId}, ${`cns_${order.id}`}, 'active', 'new', ${order.debitAccount}, ${order.payeeBank},
      ${order.payeeAccount}, ${order.payeeName}, 123400, ${order.feeMaxSen}, 'once', ${order.date}, ${order.date}, ${at}, ${at})`);
}

/** Every run of a standing order. */
export function selectRuns(
  db: Queryable,
): Promise<{ order_id: string; state: string; payment_id: string | null }[]> {
  return db.query(sql`select order_id, state, payment_id from standing_order_run`);
}

/** Dates that have no run yet, and runs that are not done. */
export async function countOpenRuns(db: Queryable): Promise<number> {
  const rows = await db.query<{ n: number }>(sql`
    select ((select count(*) from standing_order_run where due_at is not null)
      + (select count(*) from standing_order where next_date is not null and state = 'active'))::integer as n`);
  return rows[0]!.n;
}

/** As if the lease of every run were over: its holder was killed. */
export async function endLeases(db: Queryable): Promise<void> {
  await db.query(sql`update standing_order_run set leased_until = null where due_at is not null`);
}
