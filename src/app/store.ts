/** The few statements of composition itself: is the database there, is it seeded. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** True when the database takes a statement. */
export async function answers(db: Queryable): Promise<boolean> {
  return db.query(sql`select 1 as n`).then(
    () => true,
    () => false,
  );
}

/** True when the server has a database of this name. */
export async function hasDatabase(db: Queryable, name: string): Promise<boolean> {
  const rows = await db.query(sql`select 1 as n from pg_database where datname = ${name}`);
  return rows.length > 0;
}

/** Writes the banks of the network; those that exist stay as they are. */
export async function insertParticipants(
  db: Queryable,
  input: { readonly banks: readonly { readonly bic: string; readonly name: string; readonly shortName: string; readonly bankCode: string }[]; readonly now: Date },
): Promise<void> {
  for (const { bic, name, shortName, bankCode } of input.banks) {
    await db.query(sql`
      insert into participant (bic, name, short_name, bank_code, changed_at) values (${bic}, ${name}, ${shortName}, ${bankCode}, ${input.now})
      on conflict (bic) do nothing`);
  }
}

/** The staff who exist, by sign-in name. */
export async function selectStaffNames(db: Queryable): Promise<readonly { readonly id: string; readonly username: string; readonly publicKey: string }[]> {
  const rows = await db.query<{ id: string; username: string; public_key: string }>(sql`select id, username, public_key from staff`);
  return rows.map(({ id, username, public_key: publicKey }) => ({ id, username, publicKey }));
}

/** The sealed signing key of one member of staff, for the copy that two people open a gateway with. */
export async function selectSealedStaffKey(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ sealed_key: string }>(sql`select sealed_key from staff where id = ${id}`);
  return rows[0]?.sealed_key;
}

/** How many customers there are. */
export async function countCustomers(db: Queryable): Promise<number> {
  const rows = await db.query<{ n: bigint }>(sql`select count(*) as n from customer`);
  return Number(rows[0]?.n ?? 0n);
}
