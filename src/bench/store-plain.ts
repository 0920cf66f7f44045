/** Statements of plain.ts: the ledger that most systems start with, in a database of its own. */
import type { Db, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** What every payer has at first. */
const OPENING_SEN = 1_000_000_000_000;

/** Accounts 1 (hot) to `accounts`, each but the first with plenty, and one table of transfers with the indexes of ours. */
export async function fill(db: Db, accounts: number): Promise<void> {
  await db.script(`
    create table account (id bigint primary key, balance_sen bigint not null check (balance_sen >= 0)) with (fillfactor = 70);
    create table transfer (id bigint generated always as identity primary key, debit_account bigint not null, credit_account bigint not null,
      amount_sen bigint not null check (amount_sen > 0), at timestamptz not null);
    create table lone (at timestamptz not null);
    create index transfer_debit on transfer (debit_account, id);
    create index transfer_credit on transfer (credit_account, id);
    insert into account select id, case when id = 1 then 0 else ${OPENING_SEN} end from generate_series(1, ${Number(accounts)}) as id`);
  for (const table of ['account', 'transfer']) await db.script(`vacuum analyze ${table}`);
  await db.script('checkpoint');
}

export interface PlainMove {
  readonly debit: number;
  readonly amountSen: number;
  readonly at: Date;
}

/** One transfer into the hot account by atomic updates, one round trip each. */
export async function transact(tx: Tx, move: PlainMove): Promise<void> {
  await tx.query(
    sql`update account set balance_sen = balance_sen - ${move.amountSen}::bigint where id = ${move.debit}::bigint and balance_sen >= ${move.amountSen}::bigint`,
  );
  await tx.query(
    sql`update account set balance_sen = balance_sen + ${move.amountSen}::bigint where id = 1`,
  );
  await tx.query(sql`
    insert into transfer (debit_account, credit_account, amount_sen, at) values (${move.debit}::bigint, 1, ${move.amountSen}::bigint, ${move.at})`);
}

/** One row, for the time of a plain commit. */
export async function insertLone(tx: Tx, at: Date): Promise<void> {
  await tx.query(sql`insert into lone (at) values (${at})`);
}

/** The ceiling: `count` such rows in one statement, nothing decided, nothing answered. */
export async function insertMany(
  db: Db,
  input: { readonly count: number; readonly accounts: number; readonly at: Date },
): Promise<void> {
  await db.query(sql`
    insert into transfer (debit_account, credit_account, amount_sen, at)
    select 2 + n * 7919 % (${input.accounts}::bigint - 1), 1, 100, ${input.at}
    from generate_series(1::bigint, ${input.count}::bigint) as n`);
}

/** True when the hot account holds what one-by-one transfers brought it, and the payers lost just that; rows of `insertMany` are told
 * by their instant. */
export async function isConsistent(
  db: Db,
  input: { readonly accounts: number; readonly manyAt: Date },
): Promise<boolean> {
  const [row] = await db.query<{ same: boolean }>(sql`
    select (select balance_sen from account where id = 1)
        = (select coalesce(sum(amount_sen), 0) from transfer where at <> ${input.manyAt})
      and (select sum(balance_sen) from account) = (${input.accounts}::bigint - 1) * ${OPENING_SEN}::bigint as same`);
  return row!.same;
}
