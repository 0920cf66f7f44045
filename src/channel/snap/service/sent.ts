/** Tells what a partner sent from what it took or bought under the same kind of payment. */
import { isQrisDebited } from '../../../direct-debit/pay-qris.ts';
import { selectDebitedPayments } from '../../../direct-debit/store.ts';
import { selectSale } from '../../../payment/sale/store.ts';
import type { ServiceContext } from '../serve.ts';

/** True for a transfer. A debit (54) took money and sent none, a QRIS payment (50) bought something: neither answers for a transfer. */
export async function isTransfer(
  context: Pick<ServiceContext, 'db'>,
  paymentId: string,
): Promise<boolean> {
  if (await isQrisDebited(context, paymentId)) return false;
  // A code that its shop scanned brought money.
  if (await selectSale(context.db, paymentId)) return false;
  return (await selectDebitedPayments(context.db, [paymentId])).length === 0;
}
