/** What the conformance suite writes to the database beside the ledger's own rows. */
import type { Queryable } from '../../src/db/pool.ts';
import { sql } from '../../src/db/sql.ts';

/** One customer of ours and one other bank, both open. */
export async function seedParties(
  db: Queryable,
  input: { readonly customerId: string; readonly bic: string; readonly nowMs: number },
): Promise<void> {
  const at = new Date(input.nowMs);
  await db.query(sql`insert into customer (id, name, cohort_bucket, made_at)
    values (${input.customerId}, 'NASABAH A', 100, ${at})`);
  await db.query(sql`insert into participant (bic, name, short_name, bank_code, state, changed_at)
    values (${input.bic}, ${input.bic}, 'BNI', '009', 'open', ${at})`);
}

/** Customers of ours. */
export async function seedCustomers(
  db: Queryable,
  input: { readonly ids: readonly string[]; readonly nowMs: number },
): Promise<void> {
  await db.query(sql`insert into customer (id, name, cohort_bucket, made_at)
    select id, 'NASABAH KARTU', 100, ${new Date(input.nowMs)} from unnest(${input.ids}::text[]) as id`);
}
