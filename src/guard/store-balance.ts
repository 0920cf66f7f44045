/** The statement behind an expected balance. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** What an account has moved since it was opened. */
export interface Net {
  readonly number: string;
  readonly posted_debit_sen: bigint;
  readonly posted_credit_sen: bigint;
  readonly pending_debit_sen: bigint;
  readonly pending_credit_sen: bigint;
}

/** These accounts by number; one that does not exist has moved nothing. */
export async function selectNets(
  db: Queryable,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Net>> {
  const rows =
    await db.query<Net>(sql`select number, posted_debit_sen, posted_credit_sen, pending_debit_sen, pending_credit_sen
    from account where number = any(${numbers})`);
  return new Map(rows.map((row) => [row.number, row]));
}
