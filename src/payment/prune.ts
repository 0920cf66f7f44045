/** Lets go of the counters of days long past: one row for each customer and day would grow for ever. */
import type { Db } from '../db/pool.ts';
import { wibDate } from '../kernel/time.ts';
import { deleteCounters } from '../ledger/store-counter.ts';

/** A refund gives back to the counter of the day that the payment was made on; none comes after the longest dispute. A later one would
 * count from nothing, which binds nobody. */
const KEPT_DAYS = 120;
const DAY_MS = 86_400_000;
const ROUND_MAX = 5_000;

/** Deletes them; how many. */
export async function pruneCounters(db: Db, nowMs: number): Promise<number> {
  const day = wibDate(nowMs - KEPT_DAYS * DAY_MS);
  let deleted = 0;
  for (;;) {
    const round = await deleteCounters(db, { day, limit: ROUND_MAX });
    deleted += round;
    if (round < ROUND_MAX) return deleted;
  }
}
