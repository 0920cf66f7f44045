import { recordEvents } from '../audit/record.ts';
import type { Transactor } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import { insertMerchant, updateMerchantEnd } from './store.ts';

interface MakeContext {
  readonly db: Transactor;
  readonly time: Time;
}

/** Lets a partner take payments into `account`; two people vouch (I5). Needs a role that may write it. */
export async function registerMerchant(
  context: MakeContext,
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

/** Ends that a partner takes payments; refunds go on. One person is enough. False when it takes none. */
export async function endMerchant(
  context: MakeContext,
  input: { readonly partnerId: string; readonly by: string },
): Promise<boolean> {
  const atMs = context.time.now();
  const { partnerId, by } = input;
  return context.db.tx(async (tx) => {
    if (!(await updateMerchantEnd(tx, { partnerId, now: new Date(atMs) }))) return false;
    await recordEvents(tx, [
      { atMs, kind: 'debit_merchant.ended', subject: partnerId, data: { by } },
    ]);
    return true;
  });
}
