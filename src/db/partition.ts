import type { Queryable } from './pool.ts';
import { sql } from './sql.ts';

/** Makes the monthly partitions of every date-partitioned table for `date`'s month and the two that follow.
 * Idempotent; called at start and once a day, so that rows never wait for a partition. */
export async function ensurePartitions(db: Queryable, date: string): Promise<void> {
  await db.query(sql`select ensure_partitions(${date}::date)`);
}
