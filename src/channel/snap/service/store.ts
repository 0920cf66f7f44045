/** What the history services read beside the ledger. */
import { textArray } from '../../../db/array.ts';
import type { Queryable } from '../../../db/pool.ts';
import { sql } from '../../../db/sql.ts';

/** The remarks of payments, by id. */
export function selectPaymentRemarks(
  db: Queryable,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly remark: string }[]> {
  return db.query(sql`select id, remark from payment where id = any(${textArray(ids)}::text[])`);
}
