/** Statements of the TPC-B-like reference transaction, as pgbench has them: tables of its own, in a database of its own. */
import type { Db, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Rows per unit of scale, as in TPC-B. */
export const TELLERS_PER_BRANCH = 10;
/** As in TPC-B. */
export const ACCOUNTS_PER_BRANCH = 100_000;

/** Creates an empty database. `name` is ours, never input. */
export function createDatabase(server: Db, name: string): Promise<void> {
  return server.script(`create database ${name}`);
}

/** Drops it, whoever is still connected. */
export function dropDatabase(server: Db, name: string): Promise<void> {
  return server.script(`drop database if exists ${name} with (force)`);
}

/** Tables and rows for a scale. */
export async function fill(db: Db, scale: number): Promise<void> {
  await db.script(`
    create table branch (id integer primary key, balance integer not null, filler char(88)) with (fillfactor = 100);
    create table teller (id integer primary key, branch_id integer not null, balance integer not null, filler char(84)) with (fillfactor = 100);
    create table account (id integer primary key, branch_id integer not null, balance integer not null, filler char(84)) with (fillfactor = 100);
    create table history (teller_id integer, branch_id integer, account_id integer, delta integer, at timestamp, filler char(22));
    insert into branch select id, 0 from generate_series(1, ${Number(scale)}) as id;
    insert into teller select id, (id - 1) / ${TELLERS_PER_BRANCH} + 1, 0 from generate_series(1, ${Number(scale) * TELLERS_PER_BRANCH}) as id;
    insert into account select id, (id - 1) / ${ACCOUNTS_PER_BRANCH} + 1, 0, '' from generate_series(1, ${Number(scale) * ACCOUNTS_PER_BRANCH}) as id`);
  for (const table of ['branch', 'teller', 'account', 'history'])
    await db.script(`vacuum analyze ${table}`);
  await db.script('checkpoint');
}

/** The settings that make a comparison fair. */
export async function durability(
  db: Db,
): Promise<{ readonly fsync: string; readonly synchronousCommit: string }> {
  const [row] = await db.query<{ fsync: string; synchronousCommit: string }>(sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as "synchronousCommit"`);
  return row!;
}

export interface TpcbMove {
  readonly account: number;
  readonly teller: number;
  readonly branch: number;
  readonly delta: number;
  readonly at: Date;
}

/** The five statements between begin and commit, one round trip each. */
export async function transact(tx: Tx, move: TpcbMove): Promise<void> {
  await tx.query(
    sql`update account set balance = balance + ${move.delta} where id = ${move.account}`,
  );
  await tx.query(sql`select balance from account where id = ${move.account}`);
  await tx.query(
    sql`update teller set balance = balance + ${move.delta} where id = ${move.teller}`,
  );
  await tx.query(
    sql`update branch set balance = balance + ${move.delta} where id = ${move.branch}`,
  );
  await tx.query(sql`
    insert into history (teller_id, branch_id, account_id, delta, at) values (${move.teller}, ${move.branch}, ${move.account}, ${move.delta}, ${move.at})`);
}

/** True when all four tables tell the same sum (the consistency condition of TPC-B). */
export async function isConsistent(db: Db): Promise<boolean> {
  const [row] = await db.query<{ same: boolean }>(sql`
    select (select sum(balance) from branch) = (select sum(balance) from teller)
      and (select sum(balance) from branch) = (select sum(balance) from account)
      and (select sum(balance) from branch) = (select coalesce(sum(delta), 0) from history) as same`);
  return row!.same;
}
