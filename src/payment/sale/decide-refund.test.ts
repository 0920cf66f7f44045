import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { rupiah, sen } from '../../kernel/money.ts';
import { discountBack, refuseRefund, type RefundFacts } from './decide-refund.ts';
import type { Sale } from './store.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-08-01T05:00:00Z');
const sale: Sale = {
  paymentId: 'pay_1',
  merchantId: 'mer_1',
  merchantName: 'WARUNG',
  merchant: { pan: '', nmid: '', city: 'SLEMAN', serial: 1n, merchantClass: 'URE' },
  partnerId: undefined,
  terminal: 'A01',
  codeId: undefined,
  amountSen: rupiah(100_000),
  mdrSen: rupiah(700),
  madeAtMs: NOW,
  settledAtMs: NOW,
  kind: 'onus',
  state: 'settled',
  account: '7001',
  payerAccount: '1001',
  payerName: 'NASABAH',
  refundedSen: rupiah(0),
  refundCount: 0,
  mdrBackSen: rupiah(0),
};
const facts: RefundFacts = {
  sale,
  amountSen: rupiah(40_000),
  nowMs: NOW + 30 * DAY,
  windowMs: 30 * DAY,
  gate: { kind: 'allow' },
};

test('refuseRefund() names the first reason, and lets the whole rest go back until the last instant of the window', () => {
  const of = (over: Partial<RefundFacts>, ofSale: Partial<Sale> = {}) =>
    refuseRefund({ ...facts, sale: { ...sale, ...ofSale }, ...over });
  assert.equal(of({ amountSen: rupiah(100_000) }), undefined);
  assert.equal(of({ sale: undefined }), 'sale_not_found');
  assert.equal(of({ amountSen: sen(0n) }), 'amount_not_positive');
  assert.equal(of({ nowMs: NOW + 30 * DAY + 1 }), 'refund_window_over');
  assert.equal(of({ amountSen: sen(10_000_001n) }), 'above_sale');
  assert.equal(of({ amountSen: rupiah(60_001) }, { refundedSen: rupiah(40_000) }), 'above_sale');
  assert.equal(of({}, { state: 'rejected' }), 'sale_not_made');
  assert.equal(of({}, { state: 'pending_credit' }), undefined, 'before its network settles it');
  const restriction = {} as never;
  for (const kind of ['stop', 'hold', 'step_up'] as const)
    assert.equal(of({ gate: { kind, restriction } }), 'restricted', kind);
  assert.equal(of({ gate: { kind: 'cap', capSen: rupiah(1), restriction } }), 'restricted');
  assert.equal(of({ gate: { kind: 'cap', capSen: rupiah(40_000), restriction } }), undefined);
});

test('T7 discountBack() gives back the whole discount with the whole sale, in however many parts, and never more', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 1_000_000_000n }),
      fc.array(fc.bigInt({ min: 1n, max: 400_000_000n }), { maxLength: 8 }),
      fc.integer({ min: 0, max: 99 }),
      (amount, parts, percent) => {
        const mdr = (amount * BigInt(percent)) / 100n;
        let refunded = 0n;
        let back = 0n;
        const give = (part: bigint): void => {
          const share = discountBack(
            {
              amountSen: sen(amount),
              mdrSen: sen(mdr),
              refundedSen: sen(refunded),
              mdrBackSen: sen(back),
            },
            sen(part),
          );
          assert.ok(share >= 0n && share <= part);
          refunded += part;
          back += share;
          assert.ok(back <= mdr);
        };
        for (const part of parts) if (refunded + part <= amount) give(part);
        if (refunded < amount) give(amount - refunded);
        assert.equal(back, mdr);
      },
    ),
    // What rounding left of three sen, at a rate that no merchant has, was more than the last part.
    { numRuns: 200, examples: [[3n, [1n, 1n], 67]] },
  );
});
