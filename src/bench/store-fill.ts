/** Statements of fill-ledger.ts. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Accounts that may go negative, so that no order of postings matters; the id of the first. Their ids follow each other. */
export function insertFillAccounts(
  db: Queryable,
  input: { readonly count: number; readonly atMs: number },
): Promise<{ id: bigint }[]> {
  return db.query(sql`
    with made as (
      insert into account (number, book, name, may_go_negative, opened_at)
      select 'fill' || n, 'settlement', 'FILL ' || n, true, to_timestamp(${input.atMs}::bigint / 1000.0)
      from generate_series(1, ${input.count}::integer) n order by n returning id)
    select min(id) as id from made`);
}

export interface FillRange {
  /** The first transfer id, 1 more than a multiple of ten. */
  readonly from: number;
  readonly count: number;
  readonly account: bigint;
  readonly accounts: number;
}

/** By the last digit of the number: 0–5 single, 6 a hold that 7 posts, 8 a hold that 9 voids; every payer pays into the first account. */
export async function insertFillTransfers(
  tx: Queryable,
  input: FillRange & { readonly atMs: number; readonly onDate: string },
): Promise<void> {
  await tx.query(sql`
    insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, hold_id, payment_id, line, booked_at, value_date, business_date)
    select n, ${input.onDate}::date, (array['single', 'single', 'single', 'single', 'single', 'single', 'hold', 'post', 'hold', 'void'])[(n - 1) % 10 + 1],
      ${input.account}::bigint + 1 + p * 7919 % (${input.accounts}::integer - 1), ${input.account}::bigint, 100 + p % 1000,
      case when (n - 1) % 10 in (7, 9) then n - 1 end, 'pay_' || p, 'principal', to_timestamp(${input.atMs}::bigint / 1000.0),
      ${input.onDate}::date, ${input.onDate}::date
    from (select n, case when (n - 1) % 10 in (7, 9) then n - 1 else n end as p
      from generate_series(${input.from}::bigint, ${input.from}::bigint + ${input.count}::integer - 1) n) numbered`);
}

/** The holds of those transfers, ended. */
export async function insertFillHolds(
  tx: Queryable,
  input: FillRange & { readonly atMs: number },
): Promise<void> {
  await tx.query(sql`
    insert into hold (id, debit_account, credit_account, amount_sen, posted_sen, state, payment_id, line, made_at, ended_at)
    select id, debit_account, credit_account, amount_sen, case when (id - 1) % 10 = 6 then amount_sen else 0 end,
      case when (id - 1) % 10 = 6 then 'posted' else 'voided' end, payment_id, line, booked_at, booked_at
    from transfer where id >= ${input.from}::bigint and id < ${input.from}::bigint + ${input.count}::integer and kind = 'hold'`);
}

/** One event per transfer, in id order. */
export async function insertFillEvents(
  tx: Queryable,
  input: FillRange & { readonly atMs: number; readonly onDate: string },
): Promise<void> {
  await tx.query(sql`
    insert into event (on_date, at, kind, subject, data)
    select booked_on, booked_at, 'ledger.posted', payment_id, concat('{"transfers":[{"amountSen":"', amount_sen, '","credit":"', credit_account,
      '","debit":"', debit_account, '",', '"holdId":"' || hold_id || '",', '"id":"', id, '","kind":"', kind, '","line":"', line, '"}]}')
    from transfer where id >= ${input.from}::bigint and id < ${input.from}::bigint + ${input.count}::integer order by id`);
}

/** The answers kept for those transfers, as honest posting keeps them. */
export async function insertFillRequests(
  tx: Queryable,
  input: FillRange & { readonly atMs: number },
): Promise<void> {
  await tx.query(sql`
    insert into ledger_request (key, request_hash, result, made_at)
    select 'fill:' || id, sha256(int8send(id)), concat('{"ok":true,"paymentId":"', payment_id, '","ids":["', id, '"]}'), booked_at
    from transfer where id >= ${input.from}::bigint and id < ${input.from}::bigint + ${input.count}::integer`);
}

/** Takes the ids of `count` transfers: the first one, 1 more than a multiple of ten. Nobody else may take ids meanwhile. */
export async function takeFillIds(db: Queryable, count: number): Promise<number> {
  const [row] = await db.query<{ last: bigint }>(sql`
    select setval('transfer_id_seq', case when is_called then (last_value + 9) / 10 * 10 else 0 end + ${count}::bigint) as last from transfer_id_seq`);
  return Number(row!.last) - count + 1;
}

/** Adds what the filled transfers moved to the balances of their accounts. */
export async function settleFill(
  db: Queryable,
  range: { readonly from: number; readonly count: number },
): Promise<void> {
  await db.query(sql`
    update account a set posted_debit_sen = a.posted_debit_sen + debit, posted_credit_sen = a.posted_credit_sen + credit,
      version = a.version + 1
    from (
      select account, sum(debit) as debit, sum(credit) as credit from (
        select debit_account as account, sum(amount_sen) as debit, 0 as credit from transfer
          where kind in ('single', 'post') and id >= ${range.from}::bigint and id < ${range.from}::bigint + ${range.count}::bigint group by 1
        union all select credit_account, 0, sum(amount_sen) from transfer
          where kind in ('single', 'post') and id >= ${range.from}::bigint and id < ${range.from}::bigint + ${range.count}::bigint group by 1
      ) sides group by account
    ) sums where a.id = sums.account`);
}

/** Fresh statistics, as a ledger that grew by itself has them. */
export async function analyzeFill(db: Queryable): Promise<void> {
  await db.query(sql`analyze account, transfer, event, ledger_request, hold`);
}

/** True when a checkpoint covers every event of a moment ago. */
export async function isCovered(db: Queryable): Promise<boolean> {
  const rows = await db.query(sql`
    select from event e left join (select cursor_xid, cursor_id from audit_checkpoint order by size desc limit 1) c on true
    where c.cursor_xid is null or (e.xid, e.id) > (c.cursor_xid, c.cursor_id) offset 1000 limit 1`);
  return rows.length === 0;
}
