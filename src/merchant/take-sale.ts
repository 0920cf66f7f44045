/** What the switch asks of merchants of ours: payments by customers of other banks. Finds whom the message pays; the money is the payment
 * slice's. */
import type { Db } from '../db/pool.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Time } from '../kernel/time.ts';
import type { SalePort } from '../payment/sale-port.ts';
import type { NoticeAnswer, RailNotice } from '../rail/notice.ts';
import type { QrisPaymentRequest } from '../rail/notice-qris.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import type { QrisRules } from '../rail/qris/rules.ts';
import { decideSale } from './decide-sale.ts';
import { selectByReference, selectNamed } from './store.ts';

/** What merchants answer, out of what networks say. */
export function toSaleNotice(notice: RailNotice): QrisPaymentRequest | undefined {
  return notice.kind === 'request' && notice.what === 'qris_payment' ? notice : undefined;
}

/** Durable when it answers; the same message gets the same answer. Throws DbFault when the database is gone. */
export async function takeSale(
  context: {
    readonly db: Db;
    readonly time: Time;
    readonly bank: BankProfile;
    readonly rules: () => QrisRules;
    readonly sales: Pick<SalePort, 'receive'>;
  },
  notice: QrisPaymentRequest,
): Promise<NoticeAnswer> {
  const { db, time, bank, rules } = context;
  const [merchant] = await selectNamed(db, { nmid: '', pans: [notice.merchantPan] });
  const stored =
    notice.reference === undefined ? undefined : await selectByReference(db, notice.reference);
  const target = decideSale(notice, {
    merchant,
    code: stored?.code,
    partner: stored?.partner,
    ownNns: nnsOfBank(bank.bankCode),
    capSen: rules().capSen,
    nowMs: time.now(),
  });
  return context.sales.receive(notice, target);
}
