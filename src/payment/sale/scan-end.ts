/** What the end of a payment with a scanned code does besides that of others: the shop hears that it is paid, and the discount of its class is taken
 * in the commit that makes the money spendable. */
import { CHART } from '../../kernel/bank.ts';
import { sen } from '../../kernel/money.ts';
import type { Leg } from '../../ledger/port.ts';
import type { MessageDraft } from '../change.ts';
import type { PaymentContext } from '../context.ts';
import { messageOf } from '../message.ts';
import type { PaymentRow } from '../row.ts';
import { selectSale } from './store.ts';

/** The discount of a sale that becomes spendable; what was given back of it before takes its share along. */
export async function discountLegs(
  context: Pick<PaymentContext, 'db'>,
  row: PaymentRow,
): Promise<readonly Leg[]> {
  const sale = await selectSale(context.db, row.id);
  const amount = sen(sale ? sale.mdrSen - sale.mdrBackSen : 0n);
  if (amount <= 0n) return [];
  return [{ kind: 'single', line: 'mdr', debit: row.creditAccount, credit: CHART.qrisFee, amount }];
}

/** "Paid", to the shop, the first time that it is known. */
export function scanPaid(
  context: Pick<PaymentContext, 'random'>,
  row: PaymentRow,
): readonly MessageDraft[] {
  if (row.kind !== 'qris_scanned' || row.previousState === 'accepted') return [];
  return messageOf(row, row.changedAtMs, { template: 'qris.sale', random: context.random });
}
