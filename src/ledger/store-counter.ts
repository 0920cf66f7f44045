/** The statements of counters, set-based like those of store.ts. */
import { int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface CounterRow {
  readonly key: string;
  readonly amountSen: bigint;
  readonly count: bigint;
  /** UTC ms. */
  readonly recentMs: readonly bigint[];
}

/** Counters as they are committed now, unlocked; those that never counted are left out. */
export function selectCounters(db: Queryable, keys: readonly string[]): Promise<CounterRow[]> {
  return db.query(sql`
    select key, amount_sen as "amountSen", count, recent_ms as "recentMs" from ledger_counter where key = any(${textArray(keys)}::text[])`);
}

/** Makes missing counters and locks all of them in ascending key order; accounts are locked before, so that no two batches can
 * deadlock. Two statements that travel with the account locks: no round trip of their own. The second one sees what another
 * process committed while the first waited. */
export async function lockCounters(tx: Tx, keys: readonly string[]): Promise<CounterRow[]> {
  const [, rows] = await Promise.all([
    tx.query(sql`
      insert into ledger_counter (key) select key from unnest(${textArray(keys)}::text[]) as k (key) order by key on conflict do nothing`),
    tx.query<CounterRow>(sql`
      select key, amount_sen as "amountSen", count, recent_ms as "recentMs" from ledger_counter
      where key = any(${textArray(keys)}::text[]) order by key for no key update`),
  ]);
  return rows;
}

/** Writes locked counters as they are now; the keys written. */
export function changeCounters(
  tx: Tx,
  rows: readonly CounterRow[],
): Promise<{ readonly key: string }[]> {
  return tx.query(sql`
    update ledger_counter as c set amount_sen = n.amount_sen, count = n.count, recent_ms = n.recent_ms::bigint[]
    from unnest(${textArray(rows.map((row) => row.key))}::text[], ${int8Array(rows.map((row) => row.amountSen))}::bigint[],
      ${int8Array(rows.map((row) => row.count))}::bigint[], ${rows.map((row) => `{${row.recentMs.join(',')}}`)}::text[])
      as n (key, amount_sen, count, recent_ms)
    where c.key = n.key
    returning c.key`);
}

/** Deletes counters of days before `day` (WIB, `2026-11-27`); how many, `limit` at most. The database refuses a day of the last hundred. */
export async function deleteCounters(
  db: Queryable,
  input: { readonly day: string; readonly limit: number },
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    sql`select prune_counters(${input.day}::date, ${input.limit}::integer) as n`,
  );
  return row!.n;
}
