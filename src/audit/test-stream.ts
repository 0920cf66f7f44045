/** For tests that look at the stream right after a commit: other databases of the same server hold readers back too. */
import type { Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Ten seconds at 10 ms. */
const TRIES_MAX = 1_000;

/** Resolves once every event committed so far may be read; throws when that takes too long. */
export async function untilVisible(db: Db): Promise<void> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const [row] = await db.query<{ waiting: boolean }>(sql`
      select exists (select from event where xid >= pg_snapshot_xmin(pg_current_snapshot())) as waiting`);
    if (!row!.waiting) return;
    await db.query(sql`select pg_sleep(0.01)`);
  }
  throw new Error('Cannot read the stream: an old transaction is still running');
}
