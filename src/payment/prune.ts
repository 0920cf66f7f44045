/** Lets go of what would grow for ever: counters of days long past, payees and devices of people who have not used them for longer than a
 * year, shown codes that paid nothing. */
import type { Db } from '../db/pool.ts';
import { wibDate } from '../kernel/time.ts';
import { deleteCounters } from '../ledger/store-counter.ts';
import { deleteMemory } from './screening/store.ts';

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

/** A payee whom somebody pays once a year stays known; a code that paid is kept with its payment. The database has floors of its own. */
const FORGOTTEN = [
  { what: 'payee', days: 400 },
  { what: 'device', days: 400 },
  { what: 'code', days: 30 },
] as const;
/** Rounds of one call: more waits for the next. */
const ROUNDS_MAX = 200;

/** Forgets them; how many rows. */
export async function pruneMemory(db: Db, nowMs: number): Promise<number> {
  let deleted = 0;
  for (const { what, days } of FORGOTTEN) {
    const beforeMs = nowMs - days * DAY_MS;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const gone = await deleteMemory(db, { what, beforeMs, limit: ROUND_MAX });
      deleted += gone;
      if (gone < ROUND_MAX) break;
    }
  }
  return deleted;
}
