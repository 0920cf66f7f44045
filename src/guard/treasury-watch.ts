/** What treasury moved, as the guard counts it: only what two people of its own roster signed, so that a hand at the database hides no drain
 * behind an entry. Verified once and kept as such: who signed may have left the bank since. */
import type { Queryable } from '../db/pool.ts';
import type { RailName } from '../authorisation/instruction.ts';
import type { StaffRoster } from '../gate/port.ts';
import { assert } from '../kernel/assert.ts';
import { selectDone } from '../reconcile/store-treasury.ts';
import { digestOf, isSignedByBoth } from '../reconcile/treasury.ts';
import { selectState, upsertState } from './store.ts';

/** Ten a day for thirteen years. */
const ENTRIES_MAX = 50_000;

/** Net of all, and the part that may not have arrived yet; sen. Call inside the lead's transaction. */
export async function readTreasury(
  tx: Queryable,
  of: {
    readonly rail: RailName;
    readonly roster: StaffRoster;
    readonly nowMs: number;
    readonly sinceMs: number;
  },
): Promise<{
  readonly treasurySen: bigint;
  readonly youngTopUpSen: bigint;
  readonly youngWithdrawalSen: bigint;
}> {
  const { rail, roster, nowMs, sinceMs } = of;
  const entries = await selectDone(tx, { rail, limit: ENTRIES_MAX + 1 });
  assert(entries.length <= ENTRIES_MAX, 'treasury entries are few enough to be read');
  const name = `treasury.${rail}`;
  // Only a guard writes it.
  const known = new Set(JSON.parse((await selectState(tx, name)) ?? '[]') as readonly string[]);
  const sizeBefore = known.size;
  const sums = { treasurySen: 0n, youngTopUpSen: 0n, youngWithdrawalSen: 0n };
  for (const done of entries) {
    const digest = digestOf(done);
    if (!known.has(digest) && !isSignedByBoth(done, roster)) continue;
    known.add(digest);
    const { direction, amountSen } = done.entry;
    const isYoung = done.approvedAtMs > sinceMs;
    sums.treasurySen += direction === 'top_up' ? amountSen : -amountSen;
    if (isYoung) sums[direction === 'top_up' ? 'youngTopUpSen' : 'youngWithdrawalSen'] += amountSen;
  }
  if (known.size > sizeBefore)
    await upsertState(tx, { name, body: JSON.stringify([...known]), nowMs });
  return sums;
}
