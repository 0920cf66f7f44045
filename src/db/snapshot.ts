import type { Db, Queryable } from './pool.ts';
import { sql } from './sql.ts';

/** Runs `work` in one read-only REPEATABLE READ transaction: every statement sees the same instant, whatever commits meanwhile.
 * It takes no transaction id, so readers of the stream do not wait for it. */
export function withSnapshot<T>(db: Db, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.tx(async (tx) => {
    await tx.query(sql`set transaction isolation level repeatable read, read only`);
    // Pages are small and many: compiling a plan would cost more than it saves.
    await tx.query(sql`set local jit = off`);
    // Dates are compared as text, whatever the server's own style is.
    await tx.query(sql`set local datestyle = 'iso, ymd'`);
    return work(tx);
  });
}
