/** Two people of the bank agree with a company that it may send lists. Runs with the role of the database's owner: core cannot. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { BulkLimits } from './port.ts';
import { hasAgreement, insertAgreement } from './store.ts';

/** Writes the first agreement of a company; whether it did. One that ended stays ended. Units: sen. Throws when both people are one. */
export async function agreeBulks(
  { db, time, random }: { readonly db: Db; readonly time: Time; readonly random: Random },
  agreed: BulkLimits & {
    readonly customerId: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
  },
): Promise<boolean> {
  const nowMs = time.now();
  return db.tx(async (tx) => {
    if (await hasAgreement(tx, agreed.customerId)) return false;
    const id = newId('bag', nowMs, random);
    await insertAgreement(tx, { ...agreed, id, nowMs });
    const { customerId, ...data } = agreed;
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'bulk_agreement.made', subject: customerId, data: { id, ...data } },
    ]);
    return true;
  });
}
