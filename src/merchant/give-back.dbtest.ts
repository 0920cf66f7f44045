/** Our merchants give sales back to customers of other banks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QrisRefundInstruction } from '../authorisation/form-qris.ts';
import type { Instruction } from '../authorisation/instruction.ts';
import { rupiah, sen, type Sen } from '../kernel/money.ts';
import { transfer } from '../payment/test-bank.ts';
import { CUSTOMER_PAN, MERCHANT_PAN, MDR, withShop, payment, statement } from './test-sale.ts';

test('a sale over the switch is given back to its bank: held, asked about, never twice, the discount with it (T2, T7)', () =>
  withShop(async ({ bank, take }) => {
    const { engine, rail } = bank;
    const first = payment(1);
    assert.equal(await take(first), '00');
    const [pending] = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    const saleId = pending!.paymentId;
    const refund = (refundNumber: string, amountSen = rupiah(200_000)) =>
      engine.sales.refund({
        saleId,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen,
        reason: 'barang habis',
        channel: 'mobile',
        askedBy: 'C2',
      });
    const early = await refund('R-0');
    assert.equal(!early.ok && early.reason, 'insufficient_funds', 'what is pending covers nothing');
    await bank.engine.take(statement('2026-08-01', [first]));

    const sent: Instruction[] = [];
    rail.onSend = (instruction) => {
      sent.push(instruction);
      return 'lose_answer';
    };
    rail.inquiryMode = 'silent';
    const given = await refund('R-1');
    assert.ok(given.ok && given.refund.state === 'held');
    await bank.workUntil(bank.time.now() + 2_000, 1_000);
    assert.equal(await bank.state(given.refund.paymentId), 'unknown');
    rail.inquiryMode = 'truth';
    await bank.workUntil(bank.time.now() + 60_000, 1_000);
    const again = await refund('R-1');
    assert.ok(again.ok && again.repeated && again.refund.state === 'settled');
    assert.equal(again.refund.paymentId, given.refund.paymentId);
    assert.deepEqual([sent.length, [...rail.sends.values()]], [1, [1]]);
    const said = sent[0] as QrisRefundInstruction;
    assert.deepEqual(
      [said.kind, said.issuer, said.creditor.account, said.originalRrn, said.originalDate],
      ['merchant_refund', '93600009', CUSTOMER_PAN, first.rrn, '0801'],
    );
    assert.deepEqual([said.merchantPan, said.amountSen], [MERCHANT_PAN, '20000000']);
    // A third of the discount came back.
    assert.equal(await bank.available('FEE-QRIS'), rupiah(1_200));
    assert.equal(await bank.available('1990000002'), rupiah(400_000) - rupiah(1_200));

    // The other bank says no: the merchant has its money again, and what is left of the sale is left.
    rail.onSend = () => 'reject';
    const no = await refund('R-2');
    assert.ok(no.ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await bank.state(no.refund.paymentId), 'refunded');
    assert.equal(await bank.available('1990000002'), rupiah(400_000) - rupiah(1_200));
    const [sale] = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    assert.equal(sale?.refundedSen, rupiah(200_000));
    // All of the rest: the discount comes back first, so that the takings of one sale suffice.
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-3', rupiah(400_000))).ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await bank.available('1990000002'), 0n);
    assert.equal(await bank.available('FEE-QRIS'), 0n);
    const over = await refund('R-4', sen(1n));
    assert.equal(!over.ok && over.reason, 'above_sale');
  }));

test('a sale is given back before its network settles it, out of what the merchant can spend; the discount is taken of what is left (T7, T8)', () =>
  withShop(async ({ bank, take }) => {
    const { engine, rail } = bank;
    const [first, second] = [payment(1), payment(2)];
    assert.deepEqual([await take(first), await take(second)], ['00', '00']);
    const own = transfer({ creditorAccount: '1990000002', amount: rupiah(500_000) });
    assert.ok((await engine.submit({ ...own, confirmedFeeSen: sen(0n) })).ok);
    const sales = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    const ids = [first, second].map(
      ({ bizMsgIdr }) => sales.find(({ network }) => network?.requestId === bizMsgIdr)!.paymentId,
    );
    const refund = (refundNumber: string, amountSen: Sen, saleId = ids[0]!) =>
      engine.sales.refund({
        saleId,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen,
        reason: 'barang habis',
        channel: 'mobile',
        askedBy: 'C2',
      });
    const settle = () => bank.workUntil(bank.time.now() + 5_000, 1_000);
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-1', rupiah(200_000))).ok);
    assert.ok((await refund('R-2', rupiah(100_000), ids[1]!)).ok);
    await settle();
    rail.onSend = () => 'reject';
    assert.ok((await refund('R-3', rupiah(200_000))).ok);
    await settle();
    const over = await refund('R-4', sen(rupiah(400_000) + 1n));
    assert.equal(!over.ok && over.reason, 'above_sale');
    const held = await bank.ledger.balance('1990000002');
    assert.equal(
      held?.availableSen,
      rupiah(200_000),
      'no discount was taken yet, and none is back',
    );
    assert.equal(held?.pendingCreditSen, rupiah(1_200_000), 'what is pending stands as it came');
    // The statement names the first alone: the second did not happen, and what was given back of it is for people.
    await engine.take(statement('2026-08-01', [first]));
    await bank.workUntil(bank.time.now() + 30 * 3_600_000, 3_600_000);
    const third = (MDR * 2n) / 3n;
    assert.equal(await bank.available('FEE-QRIS'), third);
    assert.equal(await bank.available('1990000002'), rupiah(800_000) - third);
    const dead = await refund('R-5', sen(1n), ids[1]!);
    assert.equal(!dead.ok && dead.reason, 'sale_not_made');
    assert.ok((await bank.events('payment.sale_unsettled')).length > 0);
    assert.deepEqual(await bank.events('payment.outcome_contradicted'), []);
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-6', rupiah(400_000))).ok);
    await settle();
    assert.equal(await bank.available('FEE-QRIS'), 0n, 'all of it is back with the rest');
  }));
