/** The one statement of payments on a merchant's table: the code is used in the commit of the money. */
import { instantArray, textArray } from '../db/array.ts';
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** A dynamic QRIS code and the one payment that uses it. */
export interface CodeUse {
  readonly codeId: string;
  readonly paymentId: string;
  readonly atMs: number;
}

/** Notes the payment of each code that is unused; how many. */
export async function markCodesUsed(tx: Tx, uses: readonly CodeUse[]): Promise<number> {
  const rows = await tx.query(sql`
    update merchant_code c set payment_id = u.payment_id, used_at = u.at
    from unnest(${textArray(uses.map((use) => use.codeId))}::text[], ${textArray(uses.map((use) => use.paymentId))}::text[],
      ${instantArray(uses.map((use) => use.atMs))}::timestamptz[]) as u (code_id, payment_id, at)
    where c.id = u.code_id and c.payment_id is null
    returning c.id`);
  return rows.length;
}
