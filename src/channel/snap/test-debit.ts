/** A shop that takes direct debits over SNAP, or pays for its customer, for tests; when it closes, everything is compared with the ledger. */
import assert from 'node:assert/strict';
import { registerMerchant } from '../../direct-debit/make.ts';
import { verifyDebits } from '../../direct-debit/verify.ts';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import { verifyPayments } from '../../payment/verify.ts';
import { makeGrant } from '../grant/make.ts';
import { movesMoney, type AccessScope } from '../grant/port.ts';
import { exchangeCode } from '../grant/token.ts';
import type { Reply } from './test-partner.ts';
import { idr } from './test-transfer.ts';
import { ACCOUNT, REDIRECT, withSnap, type World } from './test-world.ts';

/** Where a debit is asked for. */
export const PAY = '/v1.0/debit/payment-host-to-host';
const STATUS = '/v1.0/debit/status';
const CANCEL = '/v1.0/debit/cancel';
const REFUND = '/v1.0/debit/refund';

/** A partner that takes debits, and what it may ask. */
export interface Shop extends World {
  readonly grantId: string;
  /** Of a request for the customer. */
  readonly headers: Readonly<Record<string, string>>;
  pay(reference: string, rupiahs: number, more?: Readonly<Record<string, unknown>>): Promise<Reply>;
  status(reference: string): Promise<string>;
  refund(reference: string, refundNo: string, rupiahs: number): Promise<Reply>;
  cancel(reference: string): Promise<Reply>;
  /** What the customer's account holds, in rupiah. */
  held(): Promise<bigint>;
}

/** The customer of `payer` lets partner-a take Rp100.000 at once and Rp250.000 a day; payments go to `payee`. */
export async function withShop(
  work: (shop: Shop) => Promise<void>,
  scopes: readonly AccessScope[] = ['debit'],
): Promise<void> {
  await withSnap(async (world) => {
    const { db, time, partner } = world;
    const context = { db, time, random: systemRandom() };
    await registerMerchant(context, {
      partnerId: 'partner-a',
      account: ACCOUNT.payee,
      proposedBy: 'stf_1',
      approvedBy: 'stf_2',
    });
    const { id: grantId, code } = await makeGrant(context, {
      partnerId: 'partner-a',
      partnerName: 'A',
      customerId: 'cus_1',
      scopes,
      accounts: [ACCOUNT.payer],
      ...(movesMoney(scopes) && {
        limits: { perPaymentSen: rupiah(100_000), perDaySen: rupiah(250_000) },
      }),
      redirectUrl: REDIRECT,
      days: 30,
      sessionHash: Buffer.alloc(32),
      device: 'test',
      textShown: 'x',
      language: 'id',
    });
    const exchanged = await exchangeCode(context, {
      partnerId: 'partner-a',
      code,
      redirectUrl: REDIRECT,
    });
    assert(exchanged.ok);
    const headers = {
      'authorization-customer': `Bearer ${exchanged.pair.accessToken}`,
      'x-device-id': 'phone-1',
    };
    const about = (reference: string) => ({ originalPartnerReferenceNo: reference });
    await work({
      ...world,
      grantId,
      headers,
      pay: (reference, rupiahs, more = {}) =>
        partner.call(
          PAY,
          { partnerReferenceNo: reference, amount: idr(`${rupiahs}.00`), ...more },
          { headers },
        ),
      status: async (reference) => {
        const told = await partner.call(STATUS, { ...about(reference), serviceCode: '54' });
        return told.code === '2005500' ? String(told.body['latestTransactionStatus']) : told.code;
      },
      refund: (reference, partnerRefundNo, rupiahs) =>
        partner.call(REFUND, {
          ...about(reference),
          partnerRefundNo,
          refundAmount: idr(`${rupiahs}.00`),
        }),
      cancel: (reference) => partner.call(CANCEL, about(reference)),
      held: async () => (await world.ledger.balance(ACCOUNT.payer))!.postedSen / 100n,
    });
    assert.deepEqual(await verifyDebits(db), []);
    assert.deepEqual(await verifyPayments(db), []);
    assert.ok((await verifyLedger(db)).balanced);
  });
}
