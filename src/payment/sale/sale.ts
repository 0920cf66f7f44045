/** A merchant's sale by QRIS and what it gives back, as rows beside the money. */
import type { Tx } from '../../db/pool.ts';
import type { Sen } from '../../kernel/money.ts';
import type { PartnerNotice } from '../../notify/partner-notice.ts';
import type { MerchantTerms } from '../port.ts';
import type { PaymentRow } from '../row.ts';
import { insertRefunds, insertSales } from './store.ts';

/** What a payment sells; amount and instant are the payment's. */
export interface SaleInsert extends MerchantTerms {
  /** DE2 of another bank's customer: an alias. */
  readonly customerPan?: string;
}

/** What of a sale a payment gives back. Amounts in sen. */
export interface RefundInsert {
  readonly saleId: string;
  readonly merchantId: string;
  readonly refundNumber: string;
  /** What of the discount the merchant gets back. */
  readonly mdrSen: Sen;
  readonly reason: string;
  readonly askedBy: string;
}

interface Written {
  readonly row: PaymentRow;
  readonly sale?: SaleInsert;
  readonly refund?: RefundInsert;
}

/** Writes the sales and refunds among some payments, set-based, behind the payments on the same connection. A refused one sold nothing. */
export async function writeSales(tx: Tx, payments: readonly Written[]): Promise<void> {
  const sales = payments.flatMap(({ row, sale }) => (sale ? [{ row, sale }] : []));
  const refunds = payments.flatMap(({ row, refund }) => (refund ? [{ row, refund }] : []));
  if (sales.length > 0) await insertSales(tx, sales);
  if (refunds.length > 0) await insertRefunds(tx, refunds);
}

/** What partners are told of new sales of their merchants (SNAP 52). */
export function saleNotices(payments: readonly Written[]): readonly PartnerNotice[] {
  return payments.flatMap(({ row, sale }) => {
    if (!sale?.partner) return [];
    const { id: partnerId, referenceNo } = sale.partner;
    const facts = {
      paymentId: row.id,
      merchantId: sale.id,
      state: row.state,
      amountSen: String(row.amountSen),
      atMs: row.madeAtMs,
      ...(sale.terminal !== undefined && { terminal: sale.terminal }),
      ...(sale.code && { codeId: sale.code.id }),
      ...(referenceNo !== undefined && { partnerReferenceNo: referenceNo }),
    };
    return [{ partnerId, facts }];
  });
}
