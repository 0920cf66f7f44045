import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { openParties } from '../payment/party.ts';
import { BANK, bifast, transfer, withBank } from '../payment/test-bank.ts';
import { previewRestriction } from './preview.ts';

const parties = openParties(Buffer.alloc(32, 1));

test('T20 previewRestriction() counts the traffic that a scope would have touched, whatever it names', () =>
  withBank(async (bank) => {
    for (let i = 0; i < 3; i++) assert.ok((await bank.engine.submit(bifast())).ok);
    assert.ok((await bank.engine.submit(transfer())).ok);
    const look = async (scope: Parameters<typeof previewRestriction>[0]['scope']) =>
      previewRestriction({
        db: bank.db,
        nowMs: bank.time.now() + 1,
        scope,
        language: 'id',
        parties,
        bic: BANK.bic,
      });
    const out = { rail: 'bifast', direction: 'out' } as const;
    const whole = await look(out);
    assert.deepEqual(
      [whole.isWide, whole.level, whole.stops, whole.paymentsPerMinute, whole.customersPerMinute],
      [true, 3, ['BI-FAST keluar'], 1, 1],
    );
    assert.ok(whole.staysOpen.includes('BI-FAST masuk'));
    assert.equal(whole.healthyPerMinute, 1);
    assert.equal(whole.usualPerMinute, null, 'nothing is known of a week ago');
    assert.ok(whole.openCount <= 3 && BigInt(whole.valueHeldSen) <= rupiah(30_000));
    const { creditorAccount, creditorBank } = bifast();
    const payee = parties.keyOf({ bank: creditorBank, account: creditorAccount });
    assert.equal((await look({ ...out, payees: [payee] })).paymentsPerMinute, 1);
    assert.equal((await look({ ...out, payees: ['A'.repeat(16)] })).paymentsPerMinute, 0);
    assert.equal((await look({ ...out, product: 'qris' })).paymentsPerMinute, 0);
    const all = await look({ direction: 'out' });
    assert.deepEqual([all.level, all.stops.length], [4, 5]);
  }));
