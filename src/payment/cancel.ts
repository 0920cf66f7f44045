import type { PaymentContext } from './context.ts';
import { messageOf } from './message.ts';
import { endHolds } from './outcome.ts';
import type { PaymentRow } from './row.ts';
import { claimHeld, findPayment } from './store.ts';
import { giveUp } from './screening/withheld.ts';

/** Far longer than a commit: while it lasts nobody else may move the payment to `sending`. */
const CANCEL_LEASE_MS = 5 * 60_000;

/** Cancels before anything was sent. Taking the row away first makes every sender's move fail its version check. */
export async function cancel(
  context: PaymentContext,
  paymentId: string,
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'too_late' | 'not_found' }
> {
  const claimed = await claimHeld(context.db, {
    id: paymentId,
    leaseUntilMs: context.time.now() + CANCEL_LEASE_MS,
  });
  if (claimed) {
    const row = await cancelHeld(context, claimed, { code: 'CANCELLED', source: 'engine' });
    return row ? { ok: true } : { ok: false, reason: 'too_late' };
  }
  const row = await findPayment(context.db, paymentId);
  if (!row) return { ok: false, reason: 'not_found' };
  if (
    row.state === 'withheld' &&
    (await giveUp(context, row, { decision: 'withdrawn', reason: '' }))
  )
    return { ok: true };
  return row.state === 'cancelled' ? { ok: true } : { ok: false, reason: 'too_late' };
}

/** Gives back what is held and was never handed to the gateway. `row` must be claimed by the caller. */
export function cancelHeld(
  context: PaymentContext,
  row: PaymentRow,
  input: { readonly code: string; readonly source: string },
): Promise<PaymentRow | undefined> {
  return endHolds(context, row, {
    kind: 'void',
    key: `cancel:${row.id}`,
    from: ['held'],
    to: 'cancelled',
    version: row.version,
    set: { outcomeCode: input.code, outcomeSource: input.source },
    messages: (now) =>
      messageOf(now, now.changedAtMs, { template: 'payment.cancelled', random: context.random }),
  });
}
