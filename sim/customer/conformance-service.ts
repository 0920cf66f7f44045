/** What a bank says in each service without moving money: to a right question, to one about what never was, and to one for a customer who
 * gave no leave. Written from the specification (domain.md 3.4, 3.6). */
import { wibIso } from '../../src/kernel/time.ts';
import { number, type Answer, type Bend, type Run } from './conformance-run.ts';

const AMOUNT = { value: '1.00', currency: 'IDR' };
/** No text: refused for its form by every bank, whatever else it thinks. */
const NO_AMOUNT = { value: 1, currency: 'IDR' };
/** The first sample of the fact sheet. Source: domain.md 1.11. */
const SAMPLE_CODE =
  '00020101021126720019ID.CO.CONTOHDKI.WWW0119936001110000000123402150000000000001230303UMI51440014ID.CO.QRIS.WWW0215ID10200000001230303UMI5204581253033605802ID5913WARUNG CONTOH6013JAKARTA PUSAT61051011062070703A016304F662';
const NEVER_CUSTOMER: Bend = {
  headers: { 'authorization-customer': `Bearer ${'A'.repeat(43)}`, 'x-device-id': 'check' },
};

/** Entries of an account. */
export async function checkEntries(run: Run): Promise<void> {
  const { account } = run.input.partner;
  const names = ['history', 'a payment that never was', 'statement'];
  if (account === undefined) {
    for (const name of names) run.skip(name, 'see docs/snap.md', '--account');
    return;
  }
  const listed = ({ body }: Answer): string | undefined =>
    Array.isArray(body['detailData']) ? undefined : 'no detailData';
  await run.expect(
    names[0]!,
    ['2001200'],
    run.call('/v1.0/transaction-history-list', { additionalInfo: { accountNo: account } }),
    listed,
  );
  await run.expect(
    names[1]!,
    ['4041301'],
    run.call('/v1.0/transaction-history-detail', { originalPartnerReferenceNo: never(run) }),
  );
  // 504xx00: summing takes longer, ask again.
  await run.expect(
    names[2]!,
    ['2001400', '5041400'],
    run.call('/v1.0/bank-statement', { accountNo: account }),
    (answer) => (answer.code === '5041400' ? undefined : listed(answer)),
  );
}

/** Bills: asked about, never paid. 403xx01 is the answer to a partner that pays no bills. */
export async function checkBills(run: Run): Promise<void> {
  const ids = {
    partnerServiceId: '       0',
    customerNo: '000000',
    virtualAccountNo: '       0000000',
  };
  const at = (service: string): string => `/v1.0/transfer-va/${service}`;
  const asked = { ...ids, inquiryRequestId: never(run) };
  await run.expect('no such bill', ['4042412', '4032401'], run.call(at('inquiry'), asked));
  await run.expect(
    'payment of a bill whose amount is no text',
    ['4002501'],
    run.call(at('payment'), { ...ids, paymentRequestId: never(run), paidAmount: NO_AMOUNT }),
  );
  await run.expect(
    'payment of a bill that never was',
    ['4042601', '4032601'],
    run.call(at('status'), { ...ids, paymentRequestId: never(run) }),
  );
  await run.expect(
    'virtual account under a service id of somebody else',
    ['4032715'],
    run.call(at('create-va'), {
      ...ids,
      virtualAccountName: 'CHECK',
      trxId: never(run),
      virtualAccountTrxType: 'O',
    }),
  );
}

/** Direct debits: none is taken without a customer's leave. 4035401 is the answer to a partner that takes none. */
export async function checkDebits(run: Run): Promise<void> {
  const pay = '/v1.0/debit/payment-host-to-host';
  const asked = () => ({ partnerReferenceNo: never(run), amount: AMOUNT });
  const about = () => ({ originalPartnerReferenceNo: never(run) });
  await run.expect('debit without a customer', ['4015404', '4035401'], run.call(pay, asked()));
  await run.expect(
    'debit for an unknown customer',
    ['4015402', '4035401'],
    run.call(pay, asked(), NEVER_CUSTOMER),
  );
  await run.expect(
    'debit by a token that never was',
    ['4045411', '4035401'],
    run.call(pay, { ...asked(), bankCardToken: 'A'.repeat(43) }),
  );
  await run.expect(
    'account linked without a customer',
    ['4010104'],
    run.call('/v1.0/registration-card-bind', { partnerReferenceNo: never(run) }),
  );
  await run.expect(
    'unlinking of a token that never was',
    ['4040511'],
    run.call('/v1.0/registration-card-unbind', { bankCardToken: 'A'.repeat(43) }),
  );
  await run.expect(
    'debit whose amount is no text',
    ['4005401'],
    run.call(pay, { ...asked(), amount: NO_AMOUNT }),
  );
  await run.expect(
    'status of a debit that never was',
    ['4045501'],
    run.call('/v1.0/debit/status', { ...about(), serviceCode: '54' }),
  );
  await run.expect(
    'cancellation of a debit that never was',
    ['4045701'],
    run.call('/v1.0/debit/cancel', about()),
  );
  await run.expect(
    'refund of a debit that never was',
    ['4045801'],
    run.call('/v1.0/debit/refund', {
      ...about(),
      partnerRefundNo: never(run),
      refundAmount: AMOUNT,
    }),
  );
}

/** Paying merchants by QRIS: a code is read, and none is paid without a customer's leave. */
export async function checkQrisPayments(run: Run): Promise<void> {
  const pay = '/v1.0/qr/qr-mpm-payment';
  const decode = (qrContent: string) =>
    run.call('/v1.0/qr/qr-mpm-decode', {
      partnerReferenceNo: never(run),
      qrContent,
      scanTime: wibIso(run.input.time.now()),
    });
  const asked = () => ({
    partnerReferenceNo: never(run),
    amount: AMOUNT,
    additionalInfo: { qrContent: SAMPLE_CODE },
  });
  await run.expect('what a QRIS code says', ['2004800'], decode(SAMPLE_CODE), ({ body }) =>
    body['merchantName'] === 'WARUNG CONTOH' ? undefined : 'another merchantName',
  );
  await run.expect(
    'a damaged QRIS code',
    ['4004801'],
    decode(SAMPLE_CODE.replace('WARUNG', 'WARUNA')),
  );
  await run.expect('QRIS payment without a customer', ['4015004'], run.call(pay, asked()));
  await run.expect(
    'QRIS payment for an unknown customer',
    ['4015002'],
    run.call(pay, asked(), NEVER_CUSTOMER),
  );
  await run.expect(
    'QRIS payment whose amount is no text',
    ['4005001'],
    run.call(pay, { ...asked(), amount: NO_AMOUNT }),
  );
  await run.expect(
    'status of a QRIS payment that never was',
    ['4045101'],
    run.call('/v1.0/qr/qr-mpm-query', {
      originalPartnerReferenceNo: never(run),
      serviceCode: '50',
    }),
  );
}

/** Names nothing that was. */
function never(run: Run): string {
  return number(run.input.random);
}
