import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import { insertMerchant } from './store.ts';

/** Lets a partner take payments into `account`; two people vouch (I5). Needs a role that may write it. */
export async function registerMerchant(
  context: { readonly db: Db; readonly time: Time },
  input: {
    readonly partnerId: string;
    readonly account: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
  },
): Promise<void> {
  const atMs = context.time.now();
  await context.db.tx(async (tx) => {
    if (!(await insertMerchant(tx, { ...input, now: new Date(atMs) }))) return;
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'debit_merchant.registered',
        subject: partnerId,
        data: { proposedBy, approvedBy },
      },
    ]);
  });
}
