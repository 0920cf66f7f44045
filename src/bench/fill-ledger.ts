/** Fills an empty ledger with consistent history by the set: transfers, their events, holds and balances, as honest posting would have
 * left them, in a thousandth of the time. For measuring what reads a large ledger. */
import type { Db } from '../db/pool.ts';
import * as store from './store-fill.ts';

/** Transfers per transaction. */
const BATCH = 50_000;

/** Makes `accounts` accounts and `transfers` transfers between them, as `growLedger` does. */
export async function fillLedger(
  db: Db,
  input: Growth & { readonly accounts: number },
): Promise<void> {
  const [first] = await store.insertFillAccounts(db, { count: input.accounts, atMs: input.atMs });
  await growLedger(db, { ...input, account: first!.id });
}

export interface Growth {
  /** A multiple of 10. */
  readonly transfers: number;
  /** UTC milliseconds. */
  readonly atMs: number;
  /** The WIB date of it. */
  readonly onDate: string;
  /** Hears how many there are. */
  readonly onBatch?: (transfers: number) => Promise<void>;
}

/** Makes transfers between accounts whose ids follow each other: of ten, six singles, a hold that is posted and one that is voided; one
 * event and one kept answer each. Nobody else may post meanwhile. */
export async function growLedger(
  db: Db,
  input: Growth & { readonly account: bigint; readonly accounts: number },
): Promise<void> {
  const { atMs, onDate, account, accounts, transfers } = input;
  const start = await store.takeFillIds(db, transfers);
  for (let made = 0; made < transfers; made += BATCH) {
    const count = Math.min(BATCH, transfers - made);
    await db.tx(async (tx) => {
      const ids = { from: start + made, count, account, accounts };
      await store.insertFillTransfers(tx, { ...ids, atMs, onDate });
      await store.insertFillHolds(tx, { ...ids, atMs });
      await store.insertFillEvents(tx, { ...ids, atMs, onDate });
      await store.insertFillRequests(tx, { ...ids, atMs });
    });
    await input.onBatch?.(made + count);
  }
  await store.settleFill(db, { from: start, count: transfers });
}
