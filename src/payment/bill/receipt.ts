/** Receipts that a settled bill still lacks (the answer was lost, or the statement settled it): asked for by advice, which gives the
 * first answer again and never pays. On a budget; a customer who looks waits for the next turn. */
import type { PaymentContext } from '../context.ts';
import { instructionOf } from '../instruction.ts';
import { findPayments } from '../store.ts';
import { claimReceipts, keepReceipts } from './store.ts';
import type { PaymentRow } from '../row.ts';

/** Bills asked for at once. */
const CLAIM_MAX = 10;
/** Minutes between two tries, and how many: a day and a half. */
const AGAIN_MS = 5 * 60_000;
const ATTEMPTS_MAX = 400;

/** Asks for the receipts that are due; how many were tried. */
export async function fetchReceipts(context: PaymentContext): Promise<number> {
  const nowMs = context.time.now();
  const ids = await claimReceipts(context.db, {
    nowMs,
    nextAtMs: nowMs + AGAIN_MS,
    limit: CLAIM_MAX,
    attemptsMax: ATTEMPTS_MAX,
  });
  if (ids.length === 0) return 0;
  const rows = await findPayments(context.db, ids);
  await Promise.all(rows.map((row) => fetchReceipt(context, row)));
  return rows.length;
}

async function fetchReceipt(context: PaymentContext, row: PaymentRow): Promise<void> {
  try {
    const answer = await context.rail.inquire({
      rail: 'biller',
      paymentId: row.id,
      bizMsgIdr: row.bizMsgIdr!, // a settled bill was sent
      instruction: await instructionOf(context, row),
    });
    if (answer.outcome !== 'accepted' || answer.receipt === undefined) return;
    const { receipt } = answer;
    await keepReceipts(context.db, [{ paymentId: row.id, receipt, atMs: context.time.now() }]);
    context.log.info({ paymentId: row.id }, 'payment.receipt_kept');
  } catch (error) {
    context.log.warn(
      { paymentId: row.id, error: (error as Error).message },
      'payment.receipt_failed',
    );
  }
}
