import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BillerInstruction } from '../../authorisation/form-biller.ts';
import { billOf, mayPay } from './bill.ts';
import { answerOf, readCodes } from './code.ts';
import {
  readInquiryAnswer,
  readPaymentAnswer,
  renderPayment,
  type InquiryAnswer,
} from './message.ts';
import { isClosedAt, isKeyOf, readProducts } from './product.ts';

const products = readProducts();
const codes = readCodes();
const of = (code: string) => products.find(code)!;

test('T2 only a code that is known to refuse gives money back; what may be true of the hour or of our own payment never does by advice', () => {
  const ofTheHour = ['54', '88', '90', '91', '92'];
  const seen = new Set<string>();
  for (let code = 0; code < 100; code++) {
    for (const isAdvice of [false, true]) {
      const text = String(code).padStart(2, '0');
      const { outcome } = answerOf(codes, { code: text, isAdvice });
      seen.add(outcome);
      if (outcome === 'rejected') assert.equal(codes(text)?.class, 'rejected', text);
      if (codes(text) === undefined) assert.equal(outcome, 'unknown', text);
      if (text === '48' || text === '68' || (ofTheHour.includes(text) && isAdvice))
        assert.equal(outcome, 'unknown', `${text} ${isAdvice}`);
    }
  }
  assert.deepEqual([...seen].sort(), ['accepted', 'rejected', 'unknown']);
});

const ANSWER: InquiryAnswer = {
  inquiryReference: 'INQ0000000001',
  customerName: 'BUDI',
  validUntilMs: 1,
  periods: [
    { period: '2026-05', amountSen: 100n },
    { period: '2026-06', amountSen: 200n },
    { period: '2026-07', amountSen: 300n },
  ],
};

test('billOf() offers months oldest first, all or nothing where the biller wants it so, and nothing that does not fit', () => {
  const choices = (code: string, over: Partial<InquiryAnswer> = {}) =>
    billOf(of(code), { ...ANSWER, ...over })?.choices.map((one) => [
      one.amountSen,
      one.periodCount,
    ]);
  assert.deepEqual(choices('PLN_POSTPAID'), [
    ['100', 1],
    ['300', 2],
    ['600', 3],
  ]);
  assert.deepEqual(choices('PDAM_3171'), [['600', 3]]);
  assert.equal(choices('PLN_POSTPAID', { periods: ANSWER.periods.toReversed() }), undefined);
  assert.equal(choices('PLN_POSTPAID', { periods: [] }), undefined);
  assert.equal(choices('PBB_3171'), undefined, 'a closed bill says its amount');
  assert.deepEqual(choices('PBB_3171', { amountSen: 7n }), [['7', 0]]);
  assert.equal(choices('FINANCE_MULTI', { amountSen: 5n, minimumSen: 9n }), undefined);
});

test('mayPay() takes a choice as it is, or whole rupiah within the range', () => {
  const bill = {
    choices: [{ amountSen: '50000', periodCount: 2 }],
    range: { minSen: '1000', maxSen: '9000' },
  };
  const may = (amountSen: bigint, periodCount = 0) => mayPay(bill, { amountSen, periodCount });
  assert.ok(may(50_000n, 2) && may(1_000n) && may(9_000n) && may(4_500n));
  for (const [amountSen, count] of [
    [50_000n, 1],
    [50_000n, 0],
    [999n, 0],
    [9_100n, 0],
    [1_050n, 0],
    [2_000n, 1],
    [-2_000n, 0],
  ] as const)
    assert.ok(!may(amountSen, count), `${amountSen} ${count}`);
});

test('isClosedAt() goes over midnight', () => {
  const token = of('PLN_PREPAID');
  const closed = [1_424, 1_425, 1_439, 0, 14, 15].map((minute) => isClosedAt(token, minute));
  assert.deepEqual(closed, [false, true, true, true, true, false]);
  assert.ok(!isClosedAt(of('EWALLET'), 0));
});

test('isKeyOf() takes the whole number and nothing around it, for every product', () => {
  for (const product of products.products) {
    assert.match(product.key.form, /^\^.*\$$/, product.code);
    for (const odd of ['', 'abc', '1'.repeat(40), '12345678901\n', ' 12345678901'])
      assert.ok(!isKeyOf(product, odd), `${product.code} ${JSON.stringify(odd)}`);
  }
});

const PAID: BillerInstruction = {
  version: 1,
  env: 'prod',
  rail: 'biller',
  direction: 'out',
  kind: 'bill_payment',
  paymentId: 'pay_1',
  attempt: 1,
  reference: '20260801PULHIDJA00000001',
  amountSen: '5000000',
  currency: 'IDR',
  debtor: { bank: 'PULHIDJA', account: '1001', accountType: 'SVGS', name: 'A' },
  aggregator: 'TAGIHIDA',
  product: 'PLN_PREPAID',
  customerKey: '512345678901',
  inquiryReference: 'INQ0000000001',
  periodCount: 0,
  channel: 'mobile',
  businessDate: '2026-08-01',
  cohortBucket: 5,
  isStaff: false,
};

test('a payment on the wire is these bytes', () => {
  assert.equal(
    renderPayment({ instruction: PAID, nowMs: 1_000 }).toString(),
    '{"kind":"payment","bank":"PULHIDJA","messageId":"20260801PULHIDJA00000001","madeAtMs":1000,' +
      '"reference":"20260801PULHIDJA00000001","product":"PLN_PREPAID","customerKey":"512345678901",' +
      '"inquiryReference":"INQ0000000001","periodCount":0,"amount":"50000.00"}',
  );
});

test('readPaymentAnswer() believes only what is about this very payment, and keeps known receipt fields in their form', () => {
  const asked = { kind: 'payment', messageId: PAID.reference, instruction: PAID } as const;
  const answer = {
    kind: 'payment_answer',
    messageId: PAID.reference,
    reference: PAID.reference,
    product: PAID.product,
    customerKey: PAID.customerKey,
    amount: '50000.00',
    code: '00',
    receipt: { token: '1'.repeat(20), kwh: '34.6', else: 'x' },
  };
  assert.deepEqual(readPaymentAnswer(answer, asked), {
    code: '00',
    receipt: { token: '1'.repeat(20), kwh: '34.6' },
  });
  for (const [name, value] of [
    ['kind', 'advice_answer'],
    ['messageId', 'other'],
    ['reference', '20260801PULHIDJA00000002'],
    ['product', 'PLN_POSTPAID'],
    ['customerKey', '512345678902'],
    ['amount', '50000.01'],
    ['code', '0'],
    ['receipt', { token: '123' }],
  ] as const)
    assert.equal(readPaymentAnswer({ ...answer, [name]: value }, asked), undefined, name);
});

test('the readers take any JSON without a throw', () => {
  const question = { messageId: 'm', product: 'PLN_PREPAID', customerKey: '1' };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(readInquiryAnswer(value, question), undefined);
      const about = { kind: 'advice', messageId: 'm', instruction: PAID } as const;
      assert.equal(readPaymentAnswer(value, about), undefined);
      const bill = value as never;
      readInquiryAnswer({ kind: 'inquiry_answer', ...question, code: '00', bill }, question);
    }),
  );
});
