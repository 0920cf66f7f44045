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
