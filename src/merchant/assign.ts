/** Which partner makes codes for a merchant (SNAP 47): given by two people (I5), taken by one. Needs a role that may write it. */
import { recordEvents } from '../audit/record.ts';
import type { Transactor } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import { updateMerchantPartner } from './store.ts';

interface AssignContext {
  readonly db: Transactor;
  readonly time: Time;
}

/** Lets a partner make codes for a merchant that no partner has; false for any other. */
export async function assignMerchant(
  context: AssignContext,
  input: {
    readonly merchantId: string;
    readonly partnerId: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
  },
): Promise<boolean> {
  const atMs = context.time.now();
  const { merchantId: id, partnerId, proposedBy, approvedBy } = input;
  return context.db.tx(async (tx) => {
    if (!(await updateMerchantPartner(tx, { id, from: null, to: partnerId }))) return false;
    const data = { partnerId, proposedBy, approvedBy };
    await recordEvents(tx, [{ atMs, kind: 'merchant.assigned', subject: id, data }]);
    return true;
  });
}

/** Ends that: codes that were made stay good. False when the merchant is not this partner's. */
export async function releaseMerchant(
  context: AssignContext,
  input: { readonly merchantId: string; readonly partnerId: string; readonly by: string },
): Promise<boolean> {
  const atMs = context.time.now();
  const { merchantId: id, partnerId, by } = input;
  return context.db.tx(async (tx) => {
    if (!(await updateMerchantPartner(tx, { id, from: partnerId, to: null }))) return false;
    await recordEvents(tx, [
      { atMs, kind: 'merchant.released', subject: id, data: { partnerId, by } },
    ]);
    return true;
  });
}
