/** At the till: the real engine, ledger, signer, gateway and link against the simulator's switch. What a customer hears within ten seconds,
 * and what becomes of what nobody knew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../../src/kernel/money.ts';
import { tillUnderTest, type QrisWorld } from './qris-world.ts';
import { withEffect } from './rail-effect.ts';

const OPENING = rupiah(1_000_000);
const PRICE = rupiah(10_000);
const TILL_MS = 10_000;

test('T5 at the till: paid, refused, or not known and given back; all of it definite within ten seconds where the network answers a check', () =>
  withEffect(tillUnderTest, async ({ world, submit, state, pass, payer }) => {
    for (const [mood, end] of [
      ['settle', 'settled'],
      ['reject', 'refunded'],
      ['lost_answer', 'settled'],
      ['lost_request', 'refunded'],
    ] as const) {
      world.setMood(mood);
      const payment = await submit();
      await pass(TILL_MS);
      assert.equal(await state(payment), end, mood);
    }
    assert.deepEqual(await payer(), [OPENING - 2n * PRICE, 0n]);
  }));

test('T6 a refund of a shop at another bank reaches its customer when the settlement names it, once, and not more than was paid', () =>
  withEffect(tillUnderTest, async ({ world, engine, submit, pass, payer }) => {
    const { outside } = world as QrisWorld; // the one that this suite was given
    world.setMood('settle');
    const payment = await submit();
    await pass(2_000);
    const rrn = (await engine.find(payment.id))?.bizMsgIdr?.slice(-6) ?? '';
    const paid = [...outside.book.entries()].find(({ stan }) => stan === rrn)!;
    const refund = { rrn: paid.rrn, amountSen: PRICE - 1n, refundNumber: 'RFD-1' };
    const given = await outside.refund({ ...refund, fault: { kind: 'drop_answer' } });
    assert.equal(given.outcome, 'unknown', 'the shop’s bank did not hear, and asks');
    const over = await outside.refund({ ...refund, amountSen: 2n, refundNumber: 'RFD-2' });
    assert.deepEqual(over.outcome === 'declined' && over.rc, '61');
    await pass(60_000);
    assert.deepEqual(await payer(), [OPENING - 1n, 0n]);
    assert.deepEqual(
      [...outside.book.entries()].map(({ flow, state }) => [flow, state]),
      [
        ['qris', 'approved'],
        ['qris_refund', 'approved'],
        ['qris_refund', 'declined'],
      ],
    );
  }));
