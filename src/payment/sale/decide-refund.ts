/** Whether a merchant's refund may go to the ledger, and what of its discount comes back with it. Pure. Source: domain.md 1.9. */
import { isRefusedBy } from '../../gate/action.ts';
import type { GateDecision } from '../../gate/port.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import type { RefundRefusal } from '../port.ts';
import type { Sale } from './store.ts';

export interface RefundFacts {
  /** Undefined: no sale, or another merchant's. */
  readonly sale: Sale | undefined;
  readonly amountSen: Sen;
  readonly nowMs: number;
  readonly windowMs: number;
  readonly gate: GateDecision;
}

/** Why a refund is refused before the ledger. That all refunds together fit is the ledger's to say, under its lock. */
export function refuseRefund(facts: RefundFacts): RefundRefusal | undefined {
  const { sale, amountSen, gate } = facts;
  if (!sale) return 'sale_not_found';
  if (amountSen <= 0n) return 'amount_not_positive';
  if (!isRefundable(sale)) return 'sale_not_made';
  if (facts.nowMs - sale.madeAtMs > facts.windowMs) return 'refund_window_over';
  if (amountSen > leftOf(sale)) return 'above_sale';
  return isRefusedBy(gate, amountSen) ? 'restricted' : undefined;
}

/** A sale that stands, its money here or still pending: whoever gives back gives of what it can spend, never of a credit that may not come
 * (I12). */
export function isRefundable({ state }: Pick<Sale, 'state'>): boolean {
  return state === 'settled' || state === 'pending_credit';
}

/** What may still be given back of a sale. */
export function leftOf(sale: Pick<Sale, 'amountSen' | 'refundedSen'>): Sen {
  return sen(sale.amountSen - sale.refundedSen);
}

/** The discount that comes back with a refund: in proportion, rounded down to a whole sen, but no less than what would not fit into the rest
 * of the sale. So the refund that completes the sale brings what is left of it, all parts together are the whole and never more, and no part
 * brings more than it takes. */
export function discountBack(
  sale: Pick<Sale, 'amountSen' | 'mdrSen' | 'refundedSen' | 'mdrBackSen'>,
  amountSen: Sen,
): Sen {
  const owed = sale.mdrSen - sale.mdrBackSen;
  const rest = sale.amountSen - sale.refundedSen - amountSen;
  const share = (sale.mdrSen * amountSen) / sale.amountSen;
  return sen(owed - rest > share ? owed - rest : share < owed ? share : owed);
}
