/** Fills an empty ledger with consistent history by the set: transfers, their events, holds and balances, as honest posting would have
 * left them, in a thousandth of the time. For measuring what reads a large ledger. */
import type { Db } from '../db/pool.ts';
import * as store from './store-fill.ts';

/** Transfers per transaction. */
const BATCH = 50_000;

/** Makes `accounts` accounts and `transfers` transfers (a multiple of 10): of ten, six singles, a hold that is posted and one that is
 * voided; one event each. `onDate` is the WIB date of `atMs`, UTC milliseconds. `onBatch` hears how many there are. */
export async function fillLedger(
  db: Db,
  input: {
    readonly transfers: number;
    readonly accounts: number;
    readonly atMs: number;
    readonly onDate: string;
    readonly onBatch?: (transfers: number) => Promise<void>;
  },
): Promise<void> {
  const { atMs, onDate } = input;
  const [first] = await store.insertFillAccounts(db, { count: input.accounts, atMs });
  for (let made = 0; made < input.transfers; made += BATCH) {
    const count = Math.min(BATCH, input.transfers - made);
    await db.tx(async (tx) => {
      const ids = { from: made + 1, count, account: first!.id, accounts: input.accounts };
      await store.insertFillTransfers(tx, { ...ids, atMs, onDate });
      await store.insertFillHolds(tx, { ...ids, atMs });
      await store.insertFillEvents(tx, { ...ids, atMs, onDate });
    });
    await input.onBatch?.(made + count);
  }
  await store.settleFill(db, input.transfers);
}
