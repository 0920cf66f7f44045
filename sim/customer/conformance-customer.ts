/** Money of a customer who gave leave: a debit that is taken once and cancelled, and a merchant who is paid once and gives it back. Runs only
 * where the caller says that money may move. Written from the specification (domain.md 3.4, 3.6). */
import { number, type Answer, type Run } from './conformance-run.ts';

const DEBIT = { value: '1.00', currency: 'IDR' };
const PRICE = { value: '10000.00', currency: 'IDR' };
const DEBIT_NAMES = [
  'debit of Rp1',
  'status of the debit',
  'the same debit again',
  'another debit under its reference',
  'the debit cancelled',
  'status of the cancelled debit',
  'refund of the cancelled debit',
] as const;
const QRIS_NAMES = [
  'a code for Rp10.000',
  'the code paid for the customer',
  'status of the payment',
  'the same payment again',
  'another payment under its reference',
  'the code paid a second time',
  'status of the paid code',
  'the sale given back',
] as const;

/** Debit and QRIS payment, with a customer's token. */
export async function checkCustomer(run: Run, withTransfer: boolean): Promise<void> {
  const { customer, merchant } = run.input.partner;
  const needed = '--with-transfer, --customer-token-file and --device-id';
  const skip = (names: readonly string[], needs: string): void => {
    for (const name of names) run.skip(name, 'see docs/snap.md', needs);
  };
  if (!withTransfer || !customer) {
    skip(DEBIT_NAMES, needed);
    return skip(QRIS_NAMES, `${needed}, and --merchant`);
  }
  const headers = {
    'authorization-customer': `Bearer ${customer.token}`,
    'x-device-id': customer.device,
  };
  await checkDebit(run, headers);
  if (merchant === undefined) skip(QRIS_NAMES, '--merchant');
  else await checkPayment(run, { headers, merchant });
}

type Headers = Readonly<Record<string, string>>;

async function checkDebit(run: Run, headers: Headers): Promise<void> {
  const reference = number(run.input.random);
  const original = { originalPartnerReferenceNo: reference };
  const asked = { partnerReferenceNo: reference, amount: DEBIT };
  const pay = (body: object) => run.call('/v1.0/debit/payment-host-to-host', body, { headers });
  const status = () => run.call('/v1.0/debit/status', { ...original, serviceCode: '54' });
  const [paid, known, again, other, cancelled, ended, refund] = DEBIT_NAMES;
  const first = await run.expect(paid, ['2005400'], pay(asked));
  await run.expect(known, ['2005500'], status(), says('00'));
  await run.expect(again, ['2005400'], pay(asked), isOne(first));
  const more = { ...asked, amount: { ...DEBIT, value: '2.00' } };
  await run.expect(other, ['4095401'], pay(more));
  await run.expect(cancelled, ['2005700'], run.call('/v1.0/debit/cancel', original));
  await run.expect(ended, ['2005500'], status(), says('05'));
  const back = { ...original, partnerRefundNo: number(run.input.random), refundAmount: DEBIT };
  await run.expect(refund, ['4045813', '4045800'], run.call('/v1.0/debit/refund', back));
}

async function checkPayment(
  run: Run,
  { headers, merchant }: { readonly headers: Headers; readonly merchant: string },
): Promise<void> {
  const code = number(run.input.random);
  const reference = number(run.input.random);
  const [made, paid, known, again, other, twice, sold, back] = QRIS_NAMES;
  const generated = await run.expect(
    made,
    ['2004700'],
    run.call('/v1.0/qr/qr-mpm-generate', {
      partnerReferenceNo: code,
      merchantId: merchant,
      amount: PRICE,
    }),
  );
  const qrContent = generated.body['qrContent'];
  const asked = { partnerReferenceNo: reference, amount: PRICE, additionalInfo: { qrContent } };
  const pay = (over: object = {}) =>
    run.call('/v1.0/qr/qr-mpm-payment', { ...asked, ...over }, { headers });
  const query = (originalPartnerReferenceNo: string, serviceCode: '47' | '50') =>
    run.call('/v1.0/qr/qr-mpm-query', { originalPartnerReferenceNo, serviceCode });
  const first = await run.expect(paid, ['2005000'], pay());
  await run.expect(known, ['2005100'], query(reference, '50'), says('00'));
  await run.expect(again, ['2005000'], pay(), isOne(first));
  await run.expect(other, ['4095001'], pay({ amount: { ...PRICE, value: '10001.00' } }));
  await run.expect(twice, ['4045014'], pay({ partnerReferenceNo: number(run.input.random) }));
  await run.expect(sold, ['2005100'], query(code, '47'), says('00'));
  await run.expect(
    back,
    ['2007800'],
    run.call('/v1.0/qr/qr-mpm-refund', {
      originalPartnerReferenceNo: code,
      merchantId: merchant,
      partnerRefundNo: number(run.input.random),
      refundAmount: PRICE,
      reason: 'check',
    }),
  );
}

const says =
  (wanted: string) =>
  ({ body }: Answer): string | undefined => {
    const told = String(body['latestTransactionStatus']);
    return told === wanted ? undefined : `latestTransactionStatus ${told}`;
  };

const isOne =
  (first: Answer) =>
  ({ body }: Answer): string | undefined =>
    body['referenceNo'] === first.body['referenceNo']
      ? undefined
      : 'another referenceNo: it may have been paid twice';
