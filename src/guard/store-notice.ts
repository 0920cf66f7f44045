import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Notices to partners that wait for a person, and when the oldest was given up. */
export async function selectStuckNotices(
  db: Queryable,
): Promise<{ readonly count: number; readonly oldest: Date | null }> {
  const rows = await db.query<{ count: number; oldest: Date | null }>(sql`
    select count(*)::integer as count, min(changed_at) as oldest from partner_notice where state = 'stuck'`);
  return rows[0]!;
}
