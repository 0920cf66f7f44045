/** Gives back what holds reserve past their time. A hold that has expired cannot be posted any more (decide.ts), so how soon it is voided
 * matters to the available balance only. Several processes may do it: the key of the void is the hold's. */
import type { Db } from '../db/pool.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { LedgerPort } from './port.ts';
import { selectExpiredHolds } from './store-account.ts';

/** Holds per round, all posted together. */
const ROUND_MAX = 500;

/** Voids holds whose time is over, the oldest first; how many this call ended. Throws what `post` throws. */
export async function expireHolds(input: {
  readonly db: Db;
  readonly ledger: Pick<LedgerPort, 'post'>;
  readonly time: Time;
  readonly log: Log;
}): Promise<number> {
  const { db, ledger, time, log } = input;
  const nowMs = time.now();
  const due = await selectExpiredHolds(db, { nowMs, limit: ROUND_MAX });
  const onDate = wibDate(nowMs);
  const results = await Promise.all(
    due.map(({ id, line, paymentId }) => {
      const key = `expire:${id}`;
      return ledger.post({
        key,
        requestHash: sha256(key),
        paymentId: paymentId ?? '',
        legs: [{ kind: 'void', line, holdId: id }],
        valueDate: onDate,
        businessDate: onDate,
      });
    }),
  );
  // Whoever posted or voided it in between was first.
  const ended = results.filter((result) => result.ok && !result.repeated).length;
  if (ended > 0) log.info({ holds: ended }, 'ledger.holds_expired');
  return ended;
}
