/** Compares every payment with its holds, its lines and the money that moved for it (I4). Reads only, by the page. */
import type { Queryable } from '../db/pool.ts';
import * as store from './store-verify.ts';

/** One wrong payment. */
export interface PaymentProblem {
  readonly kind: 'payment';
  readonly id: string;
  readonly detail: string;
}

/** Payments named. */
const PROBLEMS_MAX = 20;
const PAGE = 2_000;

/** The first payments, in id order, that are final while a hold of theirs stands, settled while it was voided, open while it ended, or
 * whose amounts are not those of their lines and holds. Call it in one snapshot (db/snapshot.ts); `onPage` hears how many were compared. */
export async function verifyPayments(
  tx: Queryable,
  onPage?: (count: number) => void,
): Promise<readonly PaymentProblem[]> {
  const problems: PaymentProblem[] = [];
  let count = 0;
  for (let after: string | null = ''; after !== null && problems.length < PROBLEMS_MAX;) {
    const page = await store.selectWrongPayments(tx, { after, limit: PAGE });
    const { hasBills, last } = page;
    const bills =
      hasBills && last !== null ? await store.selectWrongBills(tx, { after, last }) : [];
    const sales = last === null ? [] : await store.selectWrongSales(tx, { after, last });
    const wrong = [...page.wrong, ...bills, ...sales];
    problems.push(...wrong.map((row) => ({ kind: 'payment' as const, ...row })));
    count += page.count;
    onPage?.(count);
    after = page.last;
  }
  return problems.slice(0, PROBLEMS_MAX);
}
