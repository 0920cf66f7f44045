/** What the switch asks of merchants of ours: payments by customers of other banks. Finds whom the message pays; the money is the payment
 * slice's. */
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Time } from '../kernel/time.ts';
import type { SalePort } from '../payment/sale/port.ts';
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

/** Answers payments to merchants: durable when it answers, and the same message gets the same answer. Throws DbFault when the database
 * is gone. */
export function openSaleDesk(ports: {
  readonly db: Db;
  readonly time: Time;
  readonly bank: BankProfile;
  readonly rules: () => QrisRules;
  readonly sales: Pick<SalePort, 'receive'>;
}): (notice: QrisPaymentRequest) => Promise<NoticeAnswer> {
  const { db, time, bank, rules, sales } = ports;
  const byPan = readTogether({
    read: (pans: readonly string[]) => selectNamed(db, { nmid: '', pans }),
    keyOf: ({ pan }) => pan,
  });
  return async (notice) => {
    const { merchantPan: pan, reference } = notice;
    const [merchants, stored] = await Promise.all([
      byPan([pan]),
      reference === undefined ? undefined : selectByReference(db, reference),
    ]);
    const target = decideSale(notice, {
      merchant: merchants.get(pan),
      code: stored?.code,
      partner: stored?.partner,
      ownNns: nnsOfBank(bank.bankCode),
      capSen: rules().capSen,
      nowMs: time.now(),
    });
    return sales.receive(notice, target);
  };
}
