/** QRIS Transfer, both ways: what each case does to the money (the suite that every rail passes), and what comes to our customers by the codes that they show to
 * receive. The real link, gateway, engine, ledger and signer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { withSnapshot } from '../../src/db/snapshot.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { customerPanOf } from '../../src/payment/qris-draft.ts';
import { verifyPayments } from '../../src/payment/verify.ts';
import { codeTransferUnderTest, tillUnderTest, type QrisWorld } from './qris-world.ts';
import { effectConformance } from './rail-conformance.ts';
import { withEffect } from './rail-effect.ts';

effectConformance(codeTransferUnderTest);

const PRICE = rupiah(75_000);
const PAYEE = '1001';

test('T6 another bank’s customer sends by our customer’s code: duplicate, unheard, late and never come end as both books say, spendable when settled', () =>
  withEffect(tillUnderTest, async ({ engine, ledger, db, pass, world, payer }) => {
    const { outside } = world as QrisWorld; // the one that this suite was given
    world.hear(engine.take);
    const [opening] = await payer();
    const pan = customerPanOf({ institution: world.bank.bankCode, payer: 'C1' });
    const send = async (fault: Behaviour, over: { pan?: string; beneficiary?: string } = {}) => {
      const asked = { bank: '009', fromAccount: '9008007006', name: 'SITI', amountSen: PRICE };
      const sent = await outside.sendByCode({ ...asked, pan, beneficiary: PAYEE, fault, ...over });
      return sent.outcome === 'declined' ? sent.rc : sent.outcome;
    };
    const pending = async () => (await ledger.balance(PAYEE))!.pendingCreditSen;
    assert.equal(await send({ kind: 'duplicate', count: 3 }), 'approved');
    assert.equal(await pending(), PRICE, 'three copies, one credit');
    assert.equal(await send({ kind: 'drop_answer' }), 'unknown');
    assert.equal(await send({ kind: 'late_answer', afterMs: 3_600_000 }), 'unknown');
    assert.equal(await send({ kind: 'drop_request' }), 'unknown');
    await pass(3 * 60_000);
    assert.deepEqual(
      [...outside.book.entries()].map(({ state, rc }) => [state, rc]),
      [
        ['approved', '00'],
        ['approved', '00'],
        ['approved', '00'],
        ['declined', '25'],
      ],
    );
    // What the network's file names is spendable at once, as every transfer.
    assert.deepEqual([await pending(), (await payer())[0]], [0n, opening + 3n * PRICE]);
    // An account of ours under somebody else's alias, and an account that nobody has.
    const other = customerPanOf({ institution: world.bank.bankCode, payer: 'C2' });
    assert.equal(await send({ kind: 'answer' }, { pan: other }), '76');
    assert.equal(await send({ kind: 'answer' }, { beneficiary: '9999999999' }), '76');
    await world.endDate();
    await pass(60_000);
    assert.deepEqual([await pending(), (await payer())[0]], [0n, opening + 3n * PRICE]);
    assert.equal((await ledger.balance(CHART.qrisIn))!.postedSen, -3n * PRICE);
    assert.deepEqual(await withSnapshot(db, (tx) => verifyPayments(tx)), []);
  }));
